package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Downloads from servers that break off, fall silent, send too much or nonsense. Once is enough:
 * nothing here knows of the Vector API.
 */
@Tag("vector-only")
class UnreliableServerTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final Patience QUICK =
            new Patience(Duration.ofMillis(600), Duration.ofSeconds(3), 4, Duration.ofMillis(20));

    /** For servers that are waited for until one of the limits is reached. */
    private static final Patience HASTY =
            new Patience(Duration.ofMillis(250), Duration.ofSeconds(1), 2, Duration.ofMillis(1));

    /** Answers a request for the bytes from {@code from} on; the connection is closed after it. */
    private interface Answer {
        void to(long from, OutputStream out) throws IOException, InterruptedException;
    }

    @TempDir Path directory;
    private final AtomicInteger requests = new AtomicInteger();
    private final byte[] file = new byte[20_000];
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        new Random(1).nextBytes(file);
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void serve(Answer answer) {
        ServerSocket from = server;
        Thread thread =
                new Thread(
                        () -> {
                            while (!from.isClosed()) {
                                try (Socket socket = from.accept()) {
                                    requests.incrementAndGet();
                                    answer(socket, answer);
                                } catch (IOException e) {
                                    // The client has hung up, or the test is over.
                                } catch (InterruptedException e) {
                                    return;
                                }
                            }
                        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void answer(Socket socket, Answer answer)
            throws IOException, InterruptedException {
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(
                                socket.getInputStream(), StandardCharsets.ISO_8859_1));
        long begin = 0;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.startsWith("Range: bytes=")) {
                begin = Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        answer.to(begin, socket.getOutputStream());
        socket.getOutputStream().flush();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Headers for all from {@code from} on, then {@code count} bytes of it. */
    private void part(long from, int count, OutputStream out) throws IOException {
        write(
                out,
                from == 0
                        ? OK + "Content-Length: " + file.length + "\r\n\r\n"
                        : String.format(
                                        Locale.ROOT,
                                        "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %d-%d/%d\r\n",
                                        from,
                                        file.length - 1,
                                        file.length)
                                + String.format(
                                        Locale.ROOT,
                                        "Content-Length: %d\r\n\r\n",
                                        file.length - from));
        out.write(file, (int) from, (int) Math.min(count, file.length - from));
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/file");
    }

    private Download.Outcome fetch(Patience patience) throws IOException {
        return new Download(url(), CifarFiles.md5(file), 100_000)
                .toLocked(directory.resolve("file"), (bytes, total) -> {}, patience);
    }

    private String failure(Patience patience) {
        return assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(IOException.class, () -> fetch(patience)).getMessage());
    }

    @Test
    void progressCountsAgainstTheBestSoFar() {
        AtomicInteger turn = new AtomicInteger();
        // No ranges: every answer begins anew.
        serve(
                (from, out) -> {
                    write(out, OK + "Content-Length: " + file.length + "\r\n\r\n");
                    out.write(file, 0, turn.getAndIncrement() % 2 == 0 ? 4000 : 5000);
                });
        String message = failure(QUICK);
        assertTrue(message.contains("4 attempts failed at byte 5000: "), message);
        assertEquals(6, requests.get(), "4,000 and 5,000 bytes, and four in vain");
    }

    @Test
    void attemptsWaitLongerEachTime() {
        serve((from, out) -> {});
        long begun = System.nanoTime();
        String message =
                failure(
                        new Patience(
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(20),
                                5,
                                Duration.ofMillis(20)));
        assertTrue(message.contains("5 attempts failed at byte 0"), message);
        assertTrue(System.nanoTime() - begun >= 20e6 * (2 + 4 + 8 + 16), "waited");
    }

    @Test
    void anOutageOfSecondsIsOutlasted() throws Exception {
        serve((from, out) -> part(from, 7000, out));
        InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
        Thread outage =
                new Thread(
                        () -> {
                            try {
                                while (requests.get() == 0) {
                                    Thread.sleep(1);
                                }
                                server.close();
                                Thread.sleep(600);
                                server = new ServerSocket();
                                server.setReuseAddress(true);
                                server.bind(address);
                                serve((from, out) -> part(from, file.length, out));
                            } catch (IOException | InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        outage.start();
        Patience patience =
                new Patience(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30),
                        8,
                        Patience.LONG.firstWait());
        assertEquals(Download.Outcome.DOWNLOADED, fetch(patience));
        outage.join();
        assertArrayEquals(file, Files.readAllBytes(directory.resolve("file")));
    }

    @Test
    void aServerThatDripsIsEndedByTheTimeOfTheWholeDownload() {
        serve(
                (from, out) -> {
                    write(out, OK + "Content-Length: " + file.length + "\r\n\r\n");
                    for (int i = 0; i < 400; i++) {
                        out.write(file, i, 1);
                        out.flush();
                        Thread.sleep(25);
                    }
                });
        String message = failure(HASTY);
        assertTrue(message.contains("not done within the 1 s of the download, at byte "), message);
    }

    @Test
    void aServerThatFallsSilentInItsBodyIsNotWaitedForForEver() throws IOException {
        Files.write(directory.resolve("file.part"), Arrays.copyOf(file, 1000));
        serve(
                (from, out) -> {
                    part(from, 0, out);
                    Thread.sleep(600);
                });
        Patience once =
                new Patience(Duration.ofMillis(250), Duration.ofSeconds(9), 1, Duration.ZERO);
        String message = failure(once);
        assertTrue(
                message.contains("1 attempts failed at byte 1000: nothing more came in 0.25 s"),
                message);
    }

    @Test
    void headersThatDripOrNeverEndAreSilenceToo() {
        String[] headers = {"X-%d: x\r\n", "HTTP/1.1 100 Continue\r\n\r\n"};
        AtomicInteger kind = new AtomicInteger();
        serve(
                (from, out) -> {
                    String header = headers[kind.get()];
                    write(out, header.startsWith("X") ? OK : "");
                    for (int i = 0; i < 60; i++) {
                        write(out, header.formatted(i));
                        Thread.sleep(20);
                    }
                });
        for (; kind.get() < headers.length; kind.incrementAndGet()) {
            String message = failure(HASTY);
            assertTrue(
                    message.contains("no answer") || message.contains("no proper answer"), message);
        }
    }

    @Test
    void noMoreIsTakenThanWasAnnouncedOrIsAllowed() {
        serve(
                (from, out) -> {
                    write(out, OK + "Transfer-Encoding: chunked\r\n\r\n");
                    for (int i = 0; i < 100; i++) {
                        write(out, "4e20\r\n");
                        out.write(file);
                        write(out, "\r\n");
                    }
                });
        assertEquals(
                url() + ": the server sent more than 100000 bytes, and at most 100000 are expected",
                failure(QUICK));
        assertEquals(1, requests.get());
    }

    @Test
    void aFileThatIsAnnouncedAsTooLargeIsRefusedBeforeItComes() {
        serve((from, out) -> write(out, OK + "Content-Length: 99999999999999\r\n\r\n"));
        assertEquals(
                url()
                        + ": the server announced 99999999999999 bytes, and at most 100000 are"
                        + " expected",
                failure(QUICK));
    }

    @Test
    void aRangeThatBringsMoreThanTheFileHasIsRefused() throws IOException {
        Files.write(directory.resolve("file.part"), Arrays.copyOf(file, 19_000));
        serve(
                (from, out) -> {
                    write(
                            out,
                            "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 19000-19999/20000"
                                    + "\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n");
                    out.write(file, 0, 2000);
                    write(out, "\r\n0\r\n\r\n");
                });
        String message = failure(QUICK);
        assertTrue(message.contains("sent more than 20000 bytes"), message);
    }

    @Test
    void malformedAnswersAndAddressesAreIoExceptionsThatNameTheUrl() {
        String[] answers = {
            "",
            "nonsense\r\n\r\n",
            "HTTP/1.1 abc OK\r\n\r\n",
            "HTTP/1.1 99999 OK\r\n\r\n",
            OK + "Content-Length: -5\r\n\r\n",
            OK + "Content-Length: many\r\n\r\n",
            OK + "no colon\r\n\r\n",
            OK + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 206 Partial Content\r\nContent-Range: rubbish\r\n\r\n",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://127.0.0.1:99999/\r\n\r\n",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[/\r\n\r\n",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ftp://127.0.0.1/file\r\n\r\n",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /again\r\n\r\n",
            "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        };
        int[] answer = {0};
        serve((from, out) -> write(out, answers[answer[0]]));
        for (; answer[0] < answers.length; answer[0]++) {
            String message = failure(HASTY);
            assertTrue(message.contains("127.0.0.1:"), answers[answer[0]] + message);
        }
        for (String url :
                new String[] {"http://127.0.0.1:99999/", "http://:80/", "http:///x", "http:x"}) {
            assertThrows(
                    IOException.class,
                    () ->
                            new Download(URI.create(url), "00")
                                    .to(directory.resolve("file"), (bytes, total) -> {}),
                    url);
        }
    }

    @Test
    void aRedirectIsFollowed() throws IOException {
        serve(
                (from, out) -> {
                    if (requests.get() == 1) {
                        write(
                                out,
                                "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: //127.0.0.1:"
                                        + server.getLocalPort()
                                        + "/b\r\n\r\n");
                    } else {
                        part(from, file.length, out);
                    }
                });
        assertEquals(Download.Outcome.DOWNLOADED, fetch(QUICK));
    }

    /** What answers there does not speak TLS, and that it was asked to shows in what it gets. */
    @Test
    void aRedirectFromHttpToHttpsIsFollowed() throws Exception {
        try (ServerSocket secure = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            serve(
                    (from, out) ->
                            write(
                                    out,
                                    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation:"
                                            + " https://127.0.0.1:"
                                            + secure.getLocalPort()
                                            + "/\r\n\r\n"));
            AtomicInteger first = new AtomicInteger(-1);
            Thread listener =
                    new Thread(
                            () -> {
                                try (Socket socket = secure.accept()) {
                                    first.set(socket.getInputStream().read());
                                } catch (IOException e) {
                                    first.set(-2);
                                }
                            });
            listener.setDaemon(true);
            listener.start();
            failure(HASTY);
            listener.join(5000);
            assertEquals(22, first.get(), "the first byte of a TLS handshake");
        }
    }

    @Test
    void whatIsReadIntoMemoryHasTheSameLimits() {
        Patience once = new Patience(QUICK.silence(), QUICK.total(), 1, Duration.ZERO);
        serve(
                (from, out) -> {
                    part(0, requests.get() == 1 ? file.length : 100, out);
                    out.flush();
                    Thread.sleep(requests.get() == 1 ? 0 : 1000);
                });
        assertEquals(
                url() + ": more than 5000 bytes, too large here",
                assertThrows(IOException.class, () -> Download.bytes(url(), 5000, once))
                        .getMessage());
        assertEquals(
                url() + ": nothing more came in 0.6 s",
                assertThrows(IOException.class, () -> Download.bytes(url(), 5000, once))
                        .getMessage());
    }

    @Test
    void aDiskThatIsFullIsNoReasonToAskAgainAndTheFileIsNamed() throws Exception {
        serve((from, out) -> part(from, file.length, out));
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "no /dev/full here");
        Path part = directory.resolve("file.part");
        Files.createSymbolicLink(part, full);
        String message = failure(QUICK);
        assertEquals(part + ": cannot be written: No space left on device", message);
        assertEquals(1, requests.get());
    }
}
