#include "support/beast_response.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>

#include "core/http_grammar.hpp"

namespace leasehold::test {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

// Writes down what Beast finds. Its functions take the place of the base's, without `override`:
// newer versions of Boost ask for one more, on_trailer_field_impl; older ones give trailers as
// fields.
class BeastReader : public http::basic_parser<false> {
 public:
  ParsedResponse found;

 private:
  using Text = boost::beast::string_view;

  static std::string string(Text text) { return {text.data(), text.size()}; }

  void on_request_impl(http::verb, Text, Text, int, error_code&) {}
  void on_response_impl(int status, Text reason, int version, error_code&) {
    found.status = status;
    found.head = version == 11 ? "HTTP/1.1 " : "HTTP/1.0 ";
    found.head +=
        (status < 100 ? "0" : "") + std::to_string(status) + ' ' + string(reason) + "\r\n";
  }
  void on_field_impl(http::field, Text name, Text value, error_code&) {
    if (!is_header_done()) found.head += string(name) + ": " + string(value) + "\r\n";
  }
  void on_trailer_field_impl(http::field, Text, Text, error_code&) {}
  void on_header_impl(error_code&) {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}
  std::size_t on_body_impl(Text body, error_code&) {
    found.body += string(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code&) {
    found.body += string(body);
    return body.size();
  }
  void on_finish_impl(error_code&) {}
};

// The head as BeastReader writes it down: no whitespace around the values but one space before.
std::string plain(std::string_view head) {
  std::size_t end = head.find("\r\n");
  std::string text(head.substr(0, end + 2));
  for (head.remove_prefix(end + 2); !head.empty(); head.remove_prefix(end + 2)) {
    end = head.find("\r\n");
    const std::size_t colon = head.find(':');
    text.append(head.substr(0, colon)).append(": ");
    text.append(detail::trimmed(head.substr(colon + 1, end - colon - 1))).append("\r\n");
  }
  return text;
}

// It takes a Proxy-Connection, which no origin server sends, for a Connection.
bool has_proxy_connection(std::string_view bytes) {
  constexpr std::string_view name = "proxy-connection";
  const auto alike = [](char a, char b) { return detail::lower(a) == b; };
  return std::search(bytes.begin(), bytes.end(), name.begin(), name.end(), alike) != bytes.end();
}

}  // namespace

ParsedResponse beast_response(const Asked& asked, std::string_view bytes) {
  for (;;) {
    BeastReader reader;
    reader.eager(true);
    reader.header_limit(std::numeric_limits<std::uint32_t>::max());
    reader.body_limit(asked.limits.body);
    reader.skip(asked.method == Method::head);

    error_code error;
    const std::size_t used = reader.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (error && error != http::error::need_more) {
      return {.verdict = Verdict::malformed, .problem = error.message()};
    }
    if (!reader.is_done() && reader.got_some() && asked.ending == Ending::orderly) {
      reader.put_eof(error);
    }
    if (!reader.is_done()) return {};
    bytes.remove_prefix(used);
    const bool interim = reader.found.status / 100 == 1 && reader.found.status != 101;
    if (interim) continue;
    reader.found.verdict = Verdict::complete;
    reader.found.excess = bytes;
    reader.found.reusable = reader.keep_alive();
    return reader.found;
  }
}

std::string laxity(const Asked& asked, std::string_view bytes, const ParsedResponse& ours) {
  if (has_proxy_connection(bytes)) return "";
  const ParsedResponse beasts = beast_response(asked, bytes);
  if (ours.verdict == Verdict::more) {
    return beasts.verdict == Verdict::complete ? "ours waits for more than Beast" : "";
  }
  if (ours.verdict != Verdict::complete) return "";
  if (beasts.verdict == Verdict::more) return "Beast waits for more";
  if (beasts.verdict != Verdict::complete) return "Beast refuses it: " + beasts.problem;
  if (ours.status != beasts.status) return "another status";
  if (plain(ours.head) != plain(beasts.head)) return "another head";
  if (ours.body != beasts.body) return "another body";
  if (ours.excess != beasts.excess) return "another end";
  if (ours.reusable && !beasts.reusable) return "Beast does not use the connection again";
  return "";
}

}  // namespace leasehold::test
