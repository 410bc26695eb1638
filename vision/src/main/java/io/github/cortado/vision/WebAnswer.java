package io.github.cortado.vision;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A web server's answer, whose body comes piece by piece. Nothing is waited for longer than a
 * server may be silent, all headers together included, nor beyond the end of the download's time.
 */
final class WebAnswer implements AutoCloseable {
    private static final int MAX_REDIRECTS = 10;
    private static final int MAX_PORT = 65_535;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d+/(\\d{1,18}|\\*)");

    /** The server's answer is an error, so that asking again is of no use. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** The server cannot be reached or used now, which may pass. */
    static final class UnreachableException extends IOException {
        private static final long serialVersionUID = 1L;

        UnreachableException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private final HttpResponse<Flow.Publisher<List<ByteBuffer>>> response;
    private final Pieces pieces = new Pieces();
    private final Patience.Clock clock;

    private WebAnswer(
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> response, Patience.Clock clock) {
        this.response = response;
        this.clock = clock;
        response.body().subscribe(pieces);
    }

    /**
     * Asks for what is at an address from byte {@code from} on, following redirects, but not from
     * https to http.
     *
     * @throws RefusedException where the address, or one that it redirects to, is none of http or
     *     https
     * @throws UnreachableException where there is no connection
     * @throws IOException where there is no answer, or a malformed one
     */
    static WebAnswer to(URI url, long from, Patience.Clock clock) throws IOException {
        URI at = url;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            String name = redirects == 0 ? url.toString() : url + ", redirected to " + at;
            WebAnswer answer = new WebAnswer(send(at, name, from, clock), clock);
            Optional<String> location = answer.header("Location");
            if (!REDIRECTS.contains(answer.status()) || location.isEmpty()) {
                return answer;
            }
            answer.close();
            at = redirected(url, at, location.get());
        }
        throw new RefusedException(url + ": more than " + MAX_REDIRECTS + " redirects");
    }

    private static URI redirected(URI url, URI at, String location) throws RefusedException {
        URI target;
        try {
            target = at.resolve(new URI(location.strip()));
        } catch (URISyntaxException e) {
            throw new RefusedException(
                    "%s: redirects to '%s', which is no URL".formatted(url, location));
        }
        if (at.getScheme().equalsIgnoreCase("https")
                && !"https".equalsIgnoreCase(target.getScheme())) {
            throw new RefusedException(
                    "%s: redirects to %s, which is not https any more".formatted(url, target));
        }
        return target;
    }

    private static HttpResponse<Flow.Publisher<List<ByteBuffer>>> send(
            URI url, String name, long from, Patience.Clock clock) throws IOException {
        CompletableFuture<HttpResponse<Flow.Publisher<List<ByteBuffer>>>> answer =
                Client.HTTP.sendAsync(
                        request(url, name, from), HttpResponse.BodyHandlers.ofPublisher());
        try {
            return answer.get(clock.nanosOfSilence(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no answer" + clock.limitReached(), e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            throw interrupted(name);
        } catch (ExecutionException e) {
            throw failed(name, e.getCause() == null ? e : e.getCause());
        }
    }

    private static HttpRequest request(URI url, String name, long from) throws RefusedException {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        boolean isWeb = scheme.equals("http") || scheme.equals("https");
        if (!isWeb || url.getHost() == null || url.getPort() == 0 || url.getPort() > MAX_PORT) {
            throw new RefusedException(name + ": not an absolute http or https URL");
        }
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(url)
                            .header("User-Agent", "Cortado")
                            .header("Accept-Encoding", "identity");
            return (from > 0 ? request.header("Range", "bytes=" + from + "-") : request).build();
        } catch (IllegalArgumentException e) {
            throw new RefusedException(name + ": not a URL (" + e.getMessage() + ")");
        }
    }

    private static IOException failed(String name, Throwable e) {
        String reason = "";
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return new UnreachableException(
                        name + ": the host is unknown, or there is no network", e);
            }
            reason = cause.getMessage() == null ? reason : cause.getMessage();
        }
        if (e instanceof ConnectException || e instanceof HttpConnectTimeoutException) {
            return new UnreachableException(name + ": no connection (" + reason + ")", e);
        }
        // The JDK's client also throws unchecked exceptions where an answer is malformed.
        return new IOException("no proper answer (" + reason + ")", e);
    }

    private static InterruptedIOException interrupted(String name) {
        Thread.currentThread().interrupt();
        return new InterruptedIOException(name + ": interrupted");
    }

    int status() {
        return response.statusCode();
    }

    private Optional<String> header(String name) {
        return response.headers().firstValue(name);
    }

    /** Where this answer begins in the file; -1 where the server does not say. */
    long begin() {
        Matcher range = RANGE.matcher(header("Content-Range").orElse("").strip());
        return status() == 200 ? 0 : range.lookingAt() ? Long.parseLong(range.group(1)) : -1;
    }

    /** Bytes of the whole file; -1 where the server does not say. */
    long total() {
        Matcher range = RANGE.matcher(header("Content-Range").orElse("").strip());
        if (status() == 206 && range.lookingAt() && !range.group(2).equals("*")) {
            return Long.parseLong(range.group(2));
        }
        String length = header("Content-Length").orElse("").strip();
        return length.matches("\\d{1,18}") ? Math.max(0, begin()) + Long.parseLong(length) : -1;
    }

    /**
     * The next piece of the body; null at its end.
     *
     * @throws IOException where it breaks off, or the server is silent for too long
     */
    @Nullable List<ByteBuffer> next() throws IOException {
        Object next;
        try {
            next = pieces.arrived.poll(clock.nanosOfSilence(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw interrupted(response.uri().toString());
        }
        if (next == null) {
            throw new IOException("nothing more came" + clock.limitReached());
        }
        if (next instanceof Ended ended) {
            if (ended.why != null) {
                throw new IOException("the connection broke (" + ended.why.getMessage() + ")");
            }
            return null;
        }
        pieces.ask();
        return ((Piece) next).bytes;
    }

    /** Hangs up. */
    @Override
    public void close() {
        pieces.cancel();
    }

    private record Piece(List<ByteBuffer> bytes) {}

    private record Ended(@Nullable Throwable why) {}

    /** What the client's threads bring; a piece is asked for when the one before was taken. */
    private static final class Pieces implements Flow.Subscriber<List<ByteBuffer>> {
        private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            subscription = begun;
            begun.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> bytes) {
            arrived.add(new Piece(bytes));
        }

        @Override
        public void onError(Throwable why) {
            arrived.add(new Ended(why));
        }

        @Override
        public void onComplete() {
            arrived.add(new Ended(null));
        }

        void ask() {
            Flow.Subscription begun = subscription;
            if (begun != null) {
                begun.request(1);
            }
        }

        void cancel() {
            Flow.Subscription begun = subscription;
            if (begun != null) {
                begun.cancel();
            }
        }
    }

    /** Made when something is first downloaded, for it has a thread of its own. */
    private static final class Client {
        static final HttpClient HTTP =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Patience.CONNECT)
                        .build();

        private Client() {}
    }
}
