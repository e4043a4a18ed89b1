#pragma once

#include <string_view>

#include "support/parsed_response.hpp"

namespace leasehold::test {

using namespace std::string_view_literals;

struct SampleResponse {
  Asked asked;
  std::string_view bytes;
};

// One of each kind; all of them complete.
inline constexpr SampleResponse sample_responses[] = {
    {{},
     "HTTP/1.1 200 OK\r\nDate: Tue, 24 Nov 2026 03:25:55 GMT\r\n"
     "Content-Type: application/json; charset=UTF-8\r\nContent-Length: 62\r\n"
     "X-RateLimit-Remaining: 199\r\nX-Request-ID: d1b8e2f4a3c5968770fe12ab34cd56ef\r\n\r\n"
     R"({"id":"61e69015","symbol":"AAPL","qty":"15","status":"filled"})"},
    {{}, "HTTP/1.1 200 \r\ncontent-length:\t0 \t\r\nCONNECTION: keep-alive , Close\r\n\r\n"},
    {{}, "HTTP/1.1 422 Unprocessable Entity\r\nContent-Length: 4\r\n\r\n\0\r\n\xff more"sv},
    {{},
     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
     "HTTP/1.1 201 Created\r\nContent-Length: 2\r\nLocation: /v2/orders/7\r\n\r\n{}HTTP/1.1 408"},
    {{}, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"},
    {{}, "HTTP/1.1 304 Not Modified\r\nContent-Length: 512\r\nETag: \"a\"\r\n\r\n"},
    {{.method = Method::head}, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {{},
     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n0A;a;b=c;d=\"e;\\\"\"\r\n"
     "pedia in\r\n\r\n1\r\n\n\r\n000\r\nExpires: never\r\nX-Sum: 1\r\n\r\nrest"},
    {{}, "HTTP/1.1 200 OK\r\nServer:\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\n"},
    {{.ending = Ending::orderly}, "HTTP/1.1 200 OK\r\nServer: a \xc3\xbc\r\n\r\nup to the end"},
    {{.ending = Ending::orderly}, "HTTP/1.0 200 OK\r\n\r\n"},
    {{}, "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx"},
};

}  // namespace leasehold::test
