package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.io.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static final Comparison RESULT =
            new Comparison(
                    List.of(
                            Comparison.Row.rate(
                                    "LeNet training",
                                    "pictures/s",
                                    "PyTorch nchw",
                                    new Series(List.of(3000.0, 4000.0, 2000.0)),
                                    new Series(List.of(2000.0, 2000.0, 2500.0)),
                                    0.02),
                            Comparison.Row.time(
                                    "a layer",
                                    "ms",
                                    "PyTorch",
                                    new Series(List.of(1.0, 2.0, 3.0)),
                                    new Series(List.of(3.0, 3.0, 3.0)))),
                    new Machine(
                            "A processor",
                            4,
                            256,
                            "17.0.1+2",
                            2,
                            new Series(List.of(200.0, 150.0, 190.0))),
                    List.of(50.0, 400.0, 60.0),
                    3,
                    "formula",
                    Map.of());

    @Test
    void theRatioIsThatOfMediansAndTheSpreadThatOfRounds() {
        String row = RESULT.markdown().lines().skip(2).findFirst().orElseThrow();
        assertEquals(
                "| LeNet training | PyTorch nchw | 3000 | 2000 | pictures/s | 1.50 | 0.80..2.00"
                        + " | 30.0 % | 20.0 % |",
                row);
    }

    @Test
    void ofTimesTheSmallerOneIsFaster() {
        String text = RESULT.markdown();
        assertTrue(
                text.contains("| a layer | PyTorch | 2.00 | 3.00 | ms | 1.50 | 1.00..3.00 |  |  |"),
                text);
        assertTrue(text.contains("geometric mean 1.50 times as fast, smallest 1.50"), text);
    }

    @Test
    void peakAndMachineStandBesideTheTable() {
        String text = RESULT.markdown();
        assertTrue(
                text.contains("Multiply-add peak: 200.0 GFLOP/s on 2 threads, measured in"), text);
        assertTrue(text.contains("of the rounds (150.0..200.0)."), text);
        assertTrue(
                text.contains(
                        "Machine: A processor, 4 processors, vectors of 256 bits, Java 17.0.1+2."),
                text);
    }

    @Test
    void howFarProcessorsAreApartIsSaid() {
        String text = RESULT.markdown();
        assertTrue(text.contains("to another and back: 60 ns (50..400)"), text);
    }

    @Test
    void aRoundTripTakesTensOrHundredsOfNanoseconds() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
        double ns = RoundTrip.nanoseconds().orElseThrow();
        assertTrue(ns > 5 && ns < 100_000, ns + " ns");
    }

    @Test
    void fewRoundsAreSaidToBeNoResult() {
        assertTrue(RESULT.markdown().contains("fewer than 5: not a result"));
    }

    @Test
    void theJsonKeepsEveryRound() throws Exception {
        Map<?, ?> json = (Map<?, ?>) Json.parse(Json.write(RESULT.json()));
        Map<?, ?> row = (Map<?, ?>) ((List<?>) json.get("comparisons")).get(0);
        assertEquals(List.of(3000.0, 4000.0, 2000.0), row.get("cortado_rounds"));
        assertEquals(1.5, row.get("ratio"));
        assertEquals(0.8, row.get("ratio_min"));
    }

    @Test
    void theMedianOfAnEvenNumberIsTheMeanOfTheMiddleTwo() {
        assertEquals(2.5, Series.median(List.of(4, 1, 3, 2)));
    }

    @Test
    void aMissingInterpreterIsNamedWithAWayToGetIt() {
        String message =
                assertThrows(UsageException.class, () -> Compare.requireTorch("no-such-python"))
                        .getMessage();
        assertTrue(message.contains("'no-such-python'"), message);
        assertTrue(message.contains("pip install torch"), message);
    }

    @Test
    void thePeerScriptsLieWhereTheDefaultSays() {
        String scripts = Compare.defaults().getOrDefault("scripts", "");
        Path directory = Path.of(System.getProperty("cortado.root", "..")).resolve(scripts);
        for (String name : Compare.SCRIPTS) {
            assertTrue(Files.isRegularFile(directory.resolve(name)), name);
        }
    }

    @Test
    void layersHaveTheNamesOfThePeers() throws Exception {
        String scripts = Compare.defaults().getOrDefault("scripts", "");
        Path directory = Path.of(System.getProperty("cortado.root", "..")).resolve(scripts);
        String peer = Files.readString(directory.resolve("layers_torch.py"));
        for (LayerTimes.Entry layer : LayerTimes.entries()) {
            assertTrue(peer.contains("(\"" + layer.name() + "\", "), layer.name());
        }
        assertEquals(17, LayerTimes.entries().size());
    }

    @Test
    void aProgramsLastLineIsItsAnswer() {
        String java = System.getProperty("java.home") + "/bin/java";
        Program version = new Program(List.of(java, "-version"));
        String message = assertThrows(Program.FailedException.class, version::json).getMessage();
        assertTrue(message.contains("-version printed no JSON object"), message);
        Program broken = new Program(List.of(java, "no.such.Main"));
        message = assertThrows(Program.FailedException.class, broken::text).getMessage();
        assertTrue(message.contains("ended with code 1"), message);
        assertTrue(message.contains("no.such.Main"), message);
    }

    @Test
    void whatProcessorSaysIsReadAndTheRestIsUnknown(@TempDir Path dir) throws Exception {
        Path file = dir.resolve("cpuinfo");
        Files.writeString(
                file,
                "vendor_id : AuthenticAMD\ncpu family : 25\nmodel : 17\nmodel name : X\ncpu MHz :"
                        + " 3000.0\n");
        Processor zen4 = Processor.read(file);
        assertEquals(96, zen4.nominalGflops(16).orElseThrow(), 1e-9);
        assertEquals(96, zen4.nominalGflops(8).orElseThrow(), 1e-9);
        assertEquals(48, zen4.nominalGflops(4).orElseThrow(), 1e-9);
        Processor unknown = Processor.read(dir.resolve("none"));
        assertTrue(unknown.nominalGflops(16).isEmpty());
        assertTrue(unknown.nominal(16).contains("unknown clock"), unknown.nominal(16));
    }
}
