#include "leasehold/request_channel.hpp"

#include <utility>

#include "channel/channel_state.hpp"
#include "channel/reply.hpp"
#include "wire/request_text.hpp"

namespace leasehold {
namespace {

using detail::ChannelState;
using detail::OutgoingRequest;
using detail::Reply;

// What is submitted, and how.
struct Offer {
  OutgoingRequest request;
  Deadline deadline;
  const SubmitOptions& options;
};

void submit(ChannelState& state, const Offer& offer, Reply reply) noexcept {
  Fault fault = state.submit(offer.request, offer.deadline, offer.options, reply);
  if (fault.cause != Cause::none) state.refuse(reply, std::move(fault));
}

Fault try_submit(ChannelState& state, const Offer& offer, Reply reply) noexcept {
  return state.submit(offer.request, offer.deadline, offer.options, reply);
}

std::future<Outcome> submit(ChannelState& state, const Offer& offer) {
  std::promise<Outcome> promise;
  std::future<Outcome> outcome = promise.get_future();
  submit(state, offer, Reply(std::move(promise)));
  return outcome;
}

Submitted try_submit(ChannelState& state, const Offer& offer) {
  std::promise<Outcome> promise;
  Submitted submitted{.outcome = promise.get_future()};
  submitted.fault = try_submit(state, offer, Reply(std::move(promise)));
  if (!submitted) submitted.outcome = {};
  return submitted;
}

}  // namespace

RequestChannel::RequestChannel(ClientSettings client, ChannelSettings settings)
    : state_(ChannelState::make(std::move(client), std::move(settings))) {}

RequestChannel::~RequestChannel() { state_->abandon(); }

std::future<Outcome> RequestChannel::submit(const Request& request, Deadline deadline,
                                            const SubmitOptions& options) {
  return leasehold::submit(*state_, {OutgoingRequest(request), deadline, options});
}

std::future<Outcome> RequestChannel::submit(const PreparedRequest& request, std::string_view body,
                                            Deadline deadline, const SubmitOptions& options) {
  return leasehold::submit(*state_, {OutgoingRequest(request, body), deadline, options});
}

void RequestChannel::submit(const Request& request, Deadline deadline, Callback on_outcome,
                            const SubmitOptions& options) noexcept {
  leasehold::submit(*state_, {OutgoingRequest(request), deadline, options},
                    Reply(std::move(on_outcome)));
}

void RequestChannel::submit(const PreparedRequest& request, std::string_view body,
                            Deadline deadline, Callback on_outcome,
                            const SubmitOptions& options) noexcept {
  leasehold::submit(*state_, {OutgoingRequest(request, body), deadline, options},
                    Reply(std::move(on_outcome)));
}

void RequestChannel::submit(const Request& request, Deadline deadline, ResponseChannel& responses,
                            std::uint64_t id, const SubmitOptions& options) {
  leasehold::submit(*state_, {OutgoingRequest(request), deadline, options},
                    Reply(responses.line(), id));
}

void RequestChannel::submit(const PreparedRequest& request, std::string_view body,
                            Deadline deadline, ResponseChannel& responses, std::uint64_t id,
                            const SubmitOptions& options) {
  leasehold::submit(*state_, {OutgoingRequest(request, body), deadline, options},
                    Reply(responses.line(), id));
}

Submitted RequestChannel::try_submit(const Request& request, Deadline deadline,
                                     const SubmitOptions& options) {
  return leasehold::try_submit(*state_, {OutgoingRequest(request), deadline, options});
}

Submitted RequestChannel::try_submit(const PreparedRequest& request, std::string_view body,
                                     Deadline deadline, const SubmitOptions& options) {
  return leasehold::try_submit(*state_, {OutgoingRequest(request, body), deadline, options});
}

Fault RequestChannel::try_submit(const Request& request, Deadline deadline, Callback on_outcome,
                                 const SubmitOptions& options) noexcept {
  return leasehold::try_submit(*state_, {OutgoingRequest(request), deadline, options},
                               Reply(std::move(on_outcome)));
}

Fault RequestChannel::try_submit(const PreparedRequest& request, std::string_view body,
                                 Deadline deadline, Callback on_outcome,
                                 const SubmitOptions& options) noexcept {
  return leasehold::try_submit(*state_, {OutgoingRequest(request, body), deadline, options},
                               Reply(std::move(on_outcome)));
}

Fault RequestChannel::try_submit(const Request& request, Deadline deadline,
                                 ResponseChannel& responses, std::uint64_t id,
                                 const SubmitOptions& options) {
  return leasehold::try_submit(*state_, {OutgoingRequest(request), deadline, options},
                               Reply(responses.line(), id));
}

Fault RequestChannel::try_submit(const PreparedRequest& request, std::string_view body,
                                 Deadline deadline, ResponseChannel& responses, std::uint64_t id,
                                 const SubmitOptions& options) {
  return leasehold::try_submit(*state_, {OutgoingRequest(request, body), deadline, options},
                               Reply(responses.line(), id));
}

ChannelCloseReport RequestChannel::close(Deadline deadline) noexcept {
  return state_->close(deadline.at());
}

bool RequestChannel::closed() const noexcept { return state_->closed(); }

ChannelStatus RequestChannel::status() const { return state_->status(); }

const ClientSettings& RequestChannel::client_settings() const noexcept {
  return state_->client_settings();
}

const ChannelSettings& RequestChannel::settings() const noexcept { return state_->settings(); }

}  // namespace leasehold
