package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
    private static final String LOCK = ".cifar-10-binary.tar.gz.lock";
    private static final Patience QUICK =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(30), 5, Duration.ofMillis(1));

    @TempDir Path directory;

    private final List<String> ranges = new ArrayList<>();
    private final AtomicInteger cutAfter = new AtomicInteger(Integer.MAX_VALUE);
    private boolean rangesServed = true;
    private byte[] served = CifarFiles.archive();
    private HttpServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/archive.tar.gz", this::answer);
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        ranges.add(String.valueOf(range));
        int from = 0;
        if (range != null && rangesServed) {
            from = Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
            if (from >= served.length) {
                exchange.sendResponseHeaders(416, -1);
                exchange.close();
                return;
            }
            exchange.getResponseHeaders()
                    .set(
                            "Content-Range",
                            String.format(
                                    Locale.ROOT,
                                    "bytes %d-%d/%d",
                                    from,
                                    served.length - 1,
                                    served.length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, served.length - from);
        int end = (int) Math.min(served.length, (long) from + cutAfter.get());
        exchange.getResponseBody().write(served, from, end - from);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    private URI url() {
        return URI.create(
                "http://"
                        + InetAddress.getLoopbackAddress().getHostAddress()
                        + ":"
                        + server.getAddress().getPort()
                        + "/archive.tar.gz");
    }

    private Download.Outcome fetch() throws IOException {
        return fetch((bytes, total) -> {});
    }

    private Download.Outcome fetch(Download.Progress progress) throws IOException {
        return Cifar10.download(
                directory,
                new Download(url(), CifarFiles.md5(served)),
                CifarFiles.RECORDS,
                progress,
                QUICK);
    }

    private void assertNothingLeftBut(String... names) throws IOException {
        try (var files = Files.list(directory)) {
            assertEquals(
                    List.of(names),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void whatIsAbsentIsDownloadedUnpackedAndReadable() throws IOException {
        List<Long> progress = new ArrayList<>();
        assertEquals(
                Download.Outcome.DOWNLOADED,
                fetch(
                        (bytes, total) -> {
                            assertEquals(served.length, total);
                            progress.add(bytes);
                        }));
        assertEquals(0, progress.get(0));
        assertEquals(served.length, progress.get(progress.size() - 1));
        Cifar10 train = Cifar10.read(directory, Cifar10.TRAIN, CifarFiles.RECORDS);
        assertEquals(15, train.size());
        assertEquals(
                Image.of(Arrays.copyOfRange(CifarFiles.batch(1), 1, 3073), 32, 32), train.image(0));
        assertNothingLeftBut(LOCK, "cifar-10-batches-bin", "cifar-10-binary.tar.gz");
    }

    @Test
    void whatIsThereIsVerifiedAndNotDownloadedAgain() throws IOException {
        fetch();
        assertEquals(Download.Outcome.ALREADY_THERE, fetch());
        assertEquals(1, ranges.size());
        Path file = directory.resolve("cifar-10-batches-bin/test_batch.bin");
        Files.write(file, new byte[10]);
        String message = assertThrows(IOException.class, this::fetch).getMessage();
        assertTrue(message.startsWith(file + ": ends at offset 10"), message);
    }

    @Test
    void anArchiveThatIsThereIsOnlyUnpacked() throws IOException {
        Files.write(directory.resolve("cifar-10-binary.tar.gz"), served);
        assertEquals(Download.Outcome.DOWNLOADED, fetch());
        assertEquals(List.of(), ranges);
    }

    @Test
    void whatADownloadThatWasKilledLeftBesideTheCompleteFilesIsRemoved() throws IOException {
        fetch();
        Path left = Files.createDirectories(directory.resolve("cifar-10-batches-bin.part/html"));
        Files.write(left.resolve("readme.html"), new byte[10]);
        assertEquals(Download.Outcome.ALREADY_THERE, fetch());
        assertNothingLeftBut(LOCK, "cifar-10-batches-bin", "cifar-10-binary.tar.gz");
    }

    @Test
    void filesThatAreMissingAreAddedToThoseThatAreThere() throws IOException {
        fetch();
        Path missing = directory.resolve("cifar-10-batches-bin/data_batch_2.bin");
        Files.delete(missing);
        assertEquals(Download.Outcome.DOWNLOADED, fetch());
        assertArrayEquals(CifarFiles.batch(2), Files.readAllBytes(missing));
    }

    @Test
    void aPartialFileIsResumedWhereItEnds() throws IOException {
        Files.write(directory.resolve("cifar-10-binary.tar.gz.part"), Arrays.copyOf(served, 1234));
        assertEquals(Download.Outcome.DOWNLOADED, fetch());
        assertEquals(List.of("bytes=1234-"), ranges);
    }

    @Test
    void aBrokenConnectionIsResumedByItself() throws IOException {
        cutAfter.set(10_000);
        assertEquals(Download.Outcome.DOWNLOADED, fetch());
        assertEquals("null", ranges.get(0));
        assertEquals("bytes=10000-", ranges.get(1));
    }

    @Test
    void aConnectionThatBringsNothingIsGivenUpAndWhatCameIsKept() throws IOException {
        Path part = directory.resolve("cifar-10-binary.tar.gz.part");
        Files.write(part, Arrays.copyOf(served, 1234));
        cutAfter.set(0);
        String message = assertThrows(IOException.class, this::fetch).getMessage();
        assertTrue(message.contains("5 attempts failed at byte 1234"), message);
        assertArrayEquals(Arrays.copyOf(served, 1234), Files.readAllBytes(part));
    }

    @Test
    void aServerWithoutRangesSendsTheWholeFileAgain() throws IOException {
        rangesServed = false;
        Files.write(directory.resolve("cifar-10-binary.tar.gz.part"), Arrays.copyOf(served, 1234));
        assertEquals(Download.Outcome.DOWNLOADED, fetch());
    }

    @Test
    void aPartThatIsCompleteIsAccepted() throws IOException {
        Files.write(directory.resolve("cifar-10-binary.tar.gz.part"), served);
        assertEquals(Download.Outcome.DOWNLOADED, fetch());
    }

    @Test
    void aWrongChecksumIsRefusedAndTheFileRemoved() throws IOException {
        String right = CifarFiles.md5(served);
        served[served.length / 2] ^= 1;
        String message =
                assertThrows(
                                IOException.class,
                                () ->
                                        Cifar10.download(
                                                directory,
                                                new Download(url(), right),
                                                CifarFiles.RECORDS,
                                                (bytes, total) -> {},
                                                QUICK))
                        .getMessage();
        assertTrue(message.contains("expected " + right), message);
        assertTrue(message.contains(CifarFiles.md5(served)), message);
        assertNothingLeftBut(LOCK);
    }

    @Test
    void anArchiveOnDiskWithAWrongChecksumIsNotUnpacked() throws IOException {
        Path archive = directory.resolve("cifar-10-binary.tar.gz");
        Files.write(archive, new byte[100]);
        String message = assertThrows(IOException.class, this::fetch).getMessage();
        assertTrue(message.startsWith(archive + ": the checksum is "), message);
        assertNothingLeftBut(LOCK, "cifar-10-binary.tar.gz");
    }

    @Test
    void anAnswerThatIsAnErrorIsReportedAtOnce() {
        URI absent = URI.create(url().toString().replace("archive", "absent"));
        String message =
                assertThrows(
                                IOException.class,
                                () ->
                                        new Download(absent, "00")
                                                .to(directory.resolve("x"), (b, t) -> {}))
                        .getMessage();
        assertTrue(message.contains("answered 404"), message);
        assertFalse(Files.exists(directory.resolve("x.part")));
    }

    @Test
    void onlyHttpIsSpoken() {
        for (String url : List.of("file:///etc/hosts", "relative")) {
            String message =
                    assertThrows(
                                    IOException.class,
                                    () ->
                                            new Download(URI.create(url), "00")
                                                    .to(directory.resolve("x"), (b, t) -> {}))
                            .getMessage();
            assertTrue(message.contains("http"), message);
        }
    }

    @Test
    void anArchiveOfSomethingElseIsRefused() throws IOException {
        served = new CifarFiles.Tar().file("readme", new byte[5]).gzip();
        String message = assertThrows(IOException.class, this::fetch).getMessage();
        assertTrue(message.contains("expected cifar-10-batches-bin with"), message);
    }
}
