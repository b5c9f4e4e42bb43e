// Asks the gateway for one of its own pages, as a document whose parts can be taken over.

import { Failure } from "../keys/failure.js";
import { loggedOut } from "../keys/server.js";

/** So long may an answer take, in milliseconds. */
const PATIENCE = 30_000;

/**
 * The page at an address of ours, or what a form posted to it led to; throws Failure "session", "changed",
 * "network", or "unsure" when the answer to a form was lost.
 * A document that comes this way runs no script, and no markup is made of text.
 */
export function load(address, fields = null) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open(fields ? "POST" : "GET", address);
    request.responseType = "document";
    request.timeout = PATIENCE;
    request.setRequestHeader("Accept", "text/html");
    const lost = () => fail(new Failure(fields ? "unsure" : "network"));
    request.onerror = request.ontimeout = lost;
    request.onload = () => {
      if (request.status >= 500) lost();
      else if (request.status >= 400 && request.status !== 401) fail(new Failure("changed"));
      // Whoever was logged out meanwhile was sent to the login page.
      else if (!request.responseXML?.getElementById("postvak")) fail(loggedOut());
      else done(request.responseXML);
    };
    request.send(fields ? new URLSearchParams(fields) : null);
  });
}
