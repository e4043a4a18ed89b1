#pragma once

// LEASEHOLD_POINT(name) marks a place between two steps of the protocol at which a test may hold a
// thread, to force the interleavings that matter. It is nothing unless the file is compiled for
// such a test, which then defines leasehold::detail::test_point().
#ifdef LEASEHOLD_TEST_POINTS
namespace leasehold::detail {
void test_point(const char* name) noexcept;
}
#define LEASEHOLD_POINT(name) ::leasehold::detail::test_point(name)
#else
#define LEASEHOLD_POINT(name) static_cast<void>(0)
#endif
