package org.bellwether.server.http;

/// A request that makes no sense as HTTP or as a question to us; becomes a 400 that says why. An exception only
/// because it ends parsing wherever it is found; it carries no stack trace.
final class BadRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private BadRequest(String what) {
        super(what, null, false, false);
    }

    static BadRequest of(String what) {
        return new BadRequest(what);
    }

    String what() {
        return String.valueOf(getMessage());
    }
}
