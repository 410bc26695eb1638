package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.github.cortado.JavaProgram;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several that want the same files at once, and some that are killed on the way. Run once. */
@Tag("vector-only")
class SharedDownloadTest {
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(20), Duration.ofSeconds(60), 5, Duration.ofMillis(5));

    @TempDir Path directory;
    private final byte[] archive = CifarFiles.archive();
    private final AtomicInteger requests = new AtomicInteger();
    private HttpServer server;
    private ExecutorService serverThreads;

    /** Milliseconds between two pieces of 16 KiB. */
    private volatile int slowness;

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serverThreads = Executors.newCachedThreadPool();
        server.setExecutor(serverThreads);
        server.createContext(
                "/archive.tar.gz",
                exchange -> {
                    requests.incrementAndGet();
                    String range = exchange.getRequestHeaders().getFirst("Range");
                    int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
                    exchange.getResponseHeaders()
                            .set(
                                    "Content-Range",
                                    String.format(
                                            Locale.ROOT,
                                            "bytes %d-%d/%d",
                                            from,
                                            archive.length - 1,
                                            archive.length));
                    if (from >= archive.length) {
                        exchange.sendResponseHeaders(416, -1);
                    } else {
                        exchange.sendResponseHeaders(from > 0 ? 206 : 200, archive.length - from);
                        send(exchange.getResponseBody(), from);
                    }
                    exchange.close();
                });
        server.start();
    }

    private void send(OutputStream out, int from) throws IOException {
        for (int at = from; at < archive.length; at += 1 << 14) {
            try {
                Thread.sleep(slowness);
            } catch (InterruptedException e) {
                return;
            }
            out.write(archive, at, Math.min(1 << 14, archive.length - at));
            out.flush();
        }
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
        serverThreads.shutdownNow();
    }

    private URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/archive.tar.gz");
    }

    private static Download.Outcome fetch(Path to, URI url, String md5) throws IOException {
        return Cifar10.download(
                to, new Download(url, md5), CifarFiles.RECORDS, (bytes, total) -> {}, PATIENCE);
    }

    private void assertWhole(Path to) throws IOException {
        for (int i = 1; i <= 5; i++) {
            assertArrayEquals(
                    CifarFiles.batch(i),
                    Files.readAllBytes(
                            to.resolve("cifar-10-batches-bin/data_batch_" + i + ".bin")));
        }
        assertArrayEquals(archive, Files.readAllBytes(to.resolve("cifar-10-binary.tar.gz")));
        try (var files = Files.list(to)) {
            assertEquals(
                    List.of(
                            ".cifar-10-binary.tar.gz.lock",
                            "cifar-10-batches-bin",
                            "cifar-10-binary.tar.gz"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
    }

    private int race(int threads, int rounds) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        String md5 = CifarFiles.md5(archive);
        try {
            for (int round = 0; round < rounds; round++) {
                Path to = directory.resolve("round" + round);
                CyclicBarrier together = new CyclicBarrier(threads);
                Callable<Download.Outcome> one =
                        () -> {
                            together.await();
                            Download.Outcome outcome = fetch(to, url(), md5);
                            assertWholeArchive(to);
                            return outcome;
                        };
                List<Future<Download.Outcome>> all = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    all.add(pool.submit(one));
                }
                int downloads = 0;
                for (Future<Download.Outcome> outcome : all) {
                    downloads += outcome.get() == Download.Outcome.DOWNLOADED ? 1 : 0;
                }
                assertEquals(1, downloads);
                assertWhole(to);
                TarGz.delete(to);
            }
        } finally {
            pool.shutdownNow();
        }
        return rounds;
    }

    /** What was called complete stays so, whoever comes after. */
    private void assertWholeArchive(Path to) throws IOException {
        assertEquals(archive.length, Files.size(to.resolve("cifar-10-binary.tar.gz")));
        Cifar10.read(to, Cifar10.TRAIN, CifarFiles.RECORDS);
    }

    @Test
    void threadsThatWantTheSameFilesShareOneDownload() throws Exception {
        assertEquals(20, race(4, 20));
        assertEquals(20, requests.get());
    }

    @Test
    @Tag("thorough")
    void manyThreadsInManyRoundsShareOneDownloadEach() throws Exception {
        assertEquals(400, race(8, 400));
        assertEquals(400, requests.get());
        System.out.println("400 downloads raced by 8 threads: each made once, none torn");
    }

    /** Another process: downloads what it is told to, round by round. */
    static final class Program {
        public static void main(String[] args) throws IOException {
            int rounds = Integer.parseInt(args[3]);
            for (int round = 0; round < rounds; round++) {
                Path to = Path.of(args[0], "shared" + round);
                fetch(to, URI.create(args[1]), args[2]);
                Cifar10.read(to, Cifar10.TRAIN, CifarFiles.RECORDS);
            }
            System.out.println("done");
        }

        private Program() {}
    }

    private Process start(int rounds) throws IOException {
        return JavaProgram.withVectors(
                        Program.class,
                        List.of(),
                        directory.toString(),
                        url().toString(),
                        CifarFiles.md5(archive),
                        Integer.toString(rounds))
                .redirectErrorStream(true)
                .start();
    }

    private static void assertDone(Process process) throws Exception {
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(4, TimeUnit.MINUTES));
        assertTrue(printed.endsWith("done\n") || printed.endsWith("done\r\n"), printed);
    }

    @Test
    void processesThatWantTheSameFilesShareOneDownloadEach() throws Exception {
        raceProcesses(2, 10);
    }

    @Test
    @Tag("thorough")
    void manyProcessesInManyRoundsShareOneDownloadEach() throws Exception {
        raceProcesses(4, 200);
        System.out.println("200 downloads raced by 4 processes: each made once, none torn");
    }

    private void raceProcesses(int processes, int rounds) throws Exception {
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            all.add(start(rounds));
        }
        for (Process process : all) {
            assertDone(process);
        }
        assertEquals(rounds, requests.get());
        for (int round = 0; round < rounds; round++) {
            assertWhole(directory.resolve("shared" + round));
        }
    }

    @Test
    @Tag("thorough")
    void aDownloadThatIsKilledAnywhereIsBroughtToItsEndByTheNext() throws Exception {
        SplittableRandom random = new SplittableRandom(3);
        slowness = 2;
        int killed = 0;
        for (int i = 0; i < 25; i++) {
            Process process = start(1);
            int before = requests.get();
            while (requests.get() == before && process.isAlive()) {
                Thread.sleep(1);
            }
            Thread.sleep(random.nextInt(60));
            killed += process.isAlive() ? 1 : 0;
            process.destroyForcibly().waitFor();
            assertDone(start(1));
            assertWhole(directory.resolve("shared0"));
            TarGz.delete(directory.resolve("shared0"));
        }
        System.out.println("25 downloads, " + killed + " killed on the way: all brought to an end");
        assertTrue(killed > 5, "killed " + killed);
    }
}
