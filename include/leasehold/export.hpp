#pragma once

// Marks what the shared library exports; everything else is hidden in it.
#define LEASEHOLD_API [[gnu::visibility("default")]]
