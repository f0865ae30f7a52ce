// CloudFront Function: the site's folders answer with their index.html. Only the site's behaviour runs it, so an unknown
// path of the API keeps its 404.
function handler(event) {
  var request = event.request;
  if (request.uri.endsWith("/")) request.uri += "index.html";
  else if (!request.uri.split("/").pop().includes(".")) request.uri += "/index.html";
  return request;
}
