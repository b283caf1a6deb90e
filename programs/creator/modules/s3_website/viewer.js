// Runs for every request that is not to the API: one host name, the pages of a single page application, the pause page.
var settings = SETTINGS;

function handler(event) {
  var request = event.request;
  var host = request.headers.host ? request.headers.host.value : "";
  if (settings.suspended) return pause();
  var to = host === "www." + settings.domain ? settings.domain : settings.moved[host];
  if (to) return moved("https://" + to + request.uri.replace(/\/index\.html$/, "/"));
  if (settings.spa && request.uri.lastIndexOf(".") <= request.uri.lastIndexOf("/")) request.uri = "/index.html";
  return request;
}

function moved(to) {
  return { statusCode: 301, statusDescription: "Moved Permanently", headers: { location: { value: to } } };
}

function pause() {
  return {
    statusCode: 503,
    statusDescription: "Service Unavailable",
    headers: { "content-type": { value: "text/html; charset=utf-8" }, "cache-control": { value: "no-store" } },
    body: { encoding: "text", data: settings.pause },
  };
}
