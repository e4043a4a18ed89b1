#pragma once

// All of leasehold's core.
#include "leasehold/acquire_options.hpp"
#include "leasehold/client_lease.hpp"
#include "leasehold/client_per_thread.hpp"
#include "leasehold/client_pool.hpp"
#include "leasehold/client_source.hpp"
#include "leasehold/deadline.hpp"
#include "leasehold/outcome.hpp"
#include "leasehold/refusal.hpp"
#include "leasehold/request.hpp"
#include "leasehold/request_channel.hpp"
#include "leasehold/response_channel.hpp"
#include "leasehold/settings.hpp"
#include "leasehold/settings_error.hpp"
#include "leasehold/settings_sources.hpp"
#include "leasehold/status.hpp"
