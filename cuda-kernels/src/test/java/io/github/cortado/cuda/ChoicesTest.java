package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.CompiledStep;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Choices by the table and by measurement, and the plan that is saved and loaded. */
@Tag("libraries")
class ChoicesTest {
    private static final Conv2dSpec SPEC = new Conv2dSpec(1, 2, 6, 6, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1);
    private static final Task TASK = new Task(Op.CONV, SPEC, true, false, false);
    private static final String[] AUTO = {
        "cortado.cuda.matmul", "auto", "cortado.cuda.conv", "auto",
        "cortado.cuda.pool", "auto", "cortado.cuda.relu", "auto",
    };

    /** What a missing part has cuDNN answer; the one, JCuda's binding does not pass on. */
    private static final Map<EmulatedLibraries.Part, String> FAILURE =
            Map.of(
                    EmulatedLibraries.Part.HEURISTICS,
                    "asking cuDNN for algorithms: it failed, JCuda's binding does not say how",
                    EmulatedLibraries.Part.ENGINES,
                    "status 1008");

    @TempDir Path directory;

    @BeforeEach
    void forgetCalls() {
        Emulation.backend();
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        EmulatedLibraries.calls();
    }

    /** A backend that asks for nothing but what these settings say. */
    private static OtherBackend open(ChoiceTable table, String... settings) {
        List<String> all = new ArrayList<>(List.of(AUTO));
        all.addAll(List.of(settings));
        return new OtherBackend(table, all.toArray(new String[0]));
    }

    private static float[] conv(CudaBackend b) {
        Buffer y = Floats.rubbish(b, 3 * 36);
        Buffer x = Floats.random(b, 1, 72);
        b.conv2d(x, Floats.random(b, 2, 54), Floats.random(b, 3, 3), y, null, SPEC);
        return Floats.read(b, y);
    }

    private static long calls() {
        return EmulatedLibraries.calls().getOrDefault("fp32", 0L);
    }

    @Test
    void theTableDecidesWhereNobodyAsksForAnything() {
        float[] own;
        try (OtherBackend other = open(new ChoiceTable(""))) {
            own = conv(other.backend);
            assertEquals(0, calls());
            assertEquals(Optional.of(Way.OWN), other.backend.choices().made(TASK));
        }
        try (OtherBackend other = open(new ChoiceTable("conv2d * * * * cudnn"))) {
            float[] found = conv(other.backend);
            Arithmetic by = Arithmetic.of(other.backend.choices().taken());
            Floats.assertClose(own, found, 18, by, "by the table");
            assertEquals(1, calls());
            assertEquals(Library.CUDNN, way(other).library());
        }
        try (OtherBackend other =
                open(new ChoiceTable("conv2d * * * * cudnn"), Family.CONV.property(), "own")) {
            assertArrayEquals(own, conv(other.backend));
            assertEquals(0, calls());
        }
    }

    private static Way way(OtherBackend other) {
        return other.backend.choices().made(TASK).orElseThrow();
    }

    @Test
    void measuringRunsEveryWayOnceAndKeepsTheFastest() throws IOException {
        Path file = directory.resolve("plan.json");
        String[] settings = {Preferences.AUTOTUNE, "true", Preferences.PLAN, file.toString()};
        Way fastest;
        try (OtherBackend other = open(new ChoiceTable(""), settings)) {
            float[] y = conv(other.backend);
            long measured = calls();
            assertTrue(measured > 16, () -> measured + " calls");
            assertArrayEquals(y, conv(other.backend));
            fastest = way(other);
            assertEquals(fastest.isOwn() ? 0 : 1, calls());
        }
        Map<?, ?> choice = (Map<?, ?>) ((List<?>) plan(file).get("choices")).get(0);
        Map<?, ?> times = (Map<?, ?>) choice.get("microseconds");
        assertEquals(TASK.toString(), choice.get("task"));
        assertEquals(fastest.toString(), choice.get("way"));
        Map<?, ?> eagerly = (Map<?, ?>) choice.get("eagerly");
        double least =
                times.entrySet().stream()
                        .filter(t -> !eagerly.containsKey(t.getKey()))
                        .mapToDouble(t -> (Double) t.getValue())
                        .min()
                        .orElseThrow();
        assertEquals(least, times.get(fastest.toString()));
        // Deterministic algorithms with a workspace that fits, which is what the emulation has.
        assertEquals(
                "[own, cudnn:7, cudnn:1, cudnn:0, cudnn:2, cudnn:6, cudnn:5]",
                times.keySet().toString());
        // The emulated cuDNN has one algorithm that refuses to be captured.
        assertEquals(Set.of("cudnn:2"), eagerly.keySet());
        String why = (String) eagerly.get("cudnn:2");
        assertTrue(why.endsWith("GEMM cannot be captured"), why);
        try (OtherBackend other = open(new ChoiceTable(""), settings)) {
            Buffer x = Floats.on(other.backend, 1, -1);
            Pointwise.relu(other.backend, x, x);
        }
        assertEquals(
                eagerly, ((Map<?, ?>) ((List<?>) plan(file).get("choices")).get(0)).get("eagerly"));
    }

    @Test
    void whatNoGraphCanHoldIsNotChosenHoweverFastItIs() {
        Map<Way, Stopwatch.Time> times = new LinkedHashMap<>();
        times.put(Way.OWN, new Stopwatch.Time(10, Optional.empty()));
        times.put(new Way(Library.CUDNN, 2), new Stopwatch.Time(1, Optional.of("not captured")));
        times.put(new Way(Library.CUDNN, 1), new Stopwatch.Time(5, Optional.empty()));
        MeasuredPlan plan = MeasuredPlan.open(Map.of(), null, true);
        assertEquals(new Way(Library.CUDNN, 1), plan.add(TASK, times));
        assertEquals(Optional.of(new Way(Library.CUDNN, 1)), plan.fastest(TASK));
    }

    private static Map<?, ?> plan(Path file) throws IOException {
        return (Map<?, ?>) Json.load(file);
    }

    @Test
    void aPlanIsLoadedAndFollowedWithoutMeasuring() throws IOException {
        Path file = directory.resolve("plan.json");
        try (OtherBackend other =
                open(
                        new ChoiceTable(""),
                        Preferences.AUTOTUNE,
                        "true",
                        Preferences.PLAN,
                        file.toString())) {
            conv(other.backend);
        }
        // As if the second algorithm had been the fastest.
        String text =
                Files.readString(file).replaceFirst("\"way\": \"[^\"]+\"", "\"way\": \"cudnn:2\"");
        Files.writeString(file, text);
        EmulatedLibraries.calls();
        try (OtherBackend other = open(new ChoiceTable(""), Preferences.PLAN, file.toString())) {
            conv(other.backend);
            assertEquals(new Way(Library.CUDNN, 2), way(other));
            assertEquals(1, calls());
        }
        assertEquals(text, Files.readString(file));
    }

    @Test
    void aPlanThatIsNotThereOrNotThisMachinesIsRefused() throws IOException {
        Path file = directory.resolve("plan.json");
        refused("cannot be read: java.nio.file.NoSuchFileException", file);
        Files.writeString(file, "{\"format\": \"something else\"}");
        refused("is no plan of format cortado-cuda-plan-1", file);
        Files.writeString(file, "{");
        refused("plan.json: ", file);
        String plan =
                "{\"format\": \"cortado-cuda-plan-1\", \"machine\": {\"gpu\": \"another\"},"
                        + " \"choices\": []}";
        Files.writeString(file, plan);
        refused("was measured with {gpu=another}, and this is {gpu=", file);
    }

    private static void refused(String why, Path file) {
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> open(new ChoiceTable(""), Preferences.PLAN, file.toString()));
        assertTrue(e.getMessage().contains(why), e.getMessage());
        assertTrue(e.getMessage().contains("plan.json"), e.getMessage());
    }

    @Test
    void nothingIsMeasuredInARecordingNorForDropout() {
        ChoiceTable table = new ChoiceTable("dropout * * * * own");
        try (OtherBackend other = open(table, Preferences.AUTOTUNE, "true")) {
            CudaBackend b = other.backend;
            Buffer x = Floats.random(b, 1, 72);
            Buffer w = Floats.random(b, 2, 54);
            Buffer y = Floats.rubbish(b, 108);
            int[] runs = {0};
            try (CompiledStep<String> step =
                    b.compile(
                            () -> {
                                if (++runs[0] > 2) {
                                    b.conv2d(x, w, null, y, null, SPEC);
                                }
                                return "";
                            })) {
                for (int i = 0; i < 4; i++) {
                    step.run();
                }
                assertEquals(0, calls());
                assertFalse(Float.isNaN(Floats.read(b, y)[0]));
            }
            Pointwise.dropout(b, x, x, 0.5, new RandomStream(1, 2, 3));
            b.synchronize();
            assertTrue(EmulatedLibraries.calls().isEmpty());
        }
    }

    @Test
    void aLibraryThatDoesNotStartIsAReasonAndItsHandleIsNotTouched() {
        EmulatedLibraries.failToStart(Library.CUBLAS);
        EmulatedLibraries.failToStart(Library.CUDNN);
        ChoiceTable table =
                new ChoiceTable("matmul * * * * cublas\nconv2d * * * * cudnn\nrelu * * * * cudnn");
        try (OtherBackend other = open(table)) {
            CudaBackend b = other.backend;
            float[] y = conv(b);
            assertEquals(Optional.of(Way.OWN), b.choices().made(TASK));
            Buffer product = Floats.rubbish(b, 1);
            b.matmul(
                    Floats.on(b, 3),
                    Floats.on(b, 4),
                    product,
                    MatmulSpec.single(1, 1, 1, false, false));
            assertArrayEquals(new float[] {12}, Floats.read(b, product));
            assertArrayEquals(y, conv(b));
            assertTrue(EmulatedLibraries.calls().isEmpty());
            Libraries libraries = b.choices().libraries();
            assertEquals(
                    "cuBLAS is not used: starting cuBLAS: CUBLAS_STATUS_NOT_INITIALIZED",
                    libraries.describe(Library.CUBLAS));
            assertTrue(
                    libraries
                            .describe(Library.CUDNN)
                            .startsWith("cuDNN is not used: starting cuDNN: status 1001"),
                    libraries.describe(Library.CUDNN));
        }
        EmulatedLibraries.failToStart(Library.CUDNN);
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> open(table, Family.CONV.property(), "cudnn"));
        assertTrue(
                e.getMessage().startsWith("-Dcortado.cuda.conv=cudnn: cuDNN is not used: starting"),
                e.getMessage());
    }

    /** The heuristics are wanted for a plan, the engines at the first call. */
    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aPartOfCudnnThatCannotBeLoadedIsAReasonAndIsNotAskedForAgain(EmulatedLibraries.Part part) {
        ChoiceTable table = new ChoiceTable("conv2d * * * * cudnn\nrelu * * * * cudnn");
        try (OtherBackend own = open(new ChoiceTable(""));
                OtherBackend other = open(table)) {
            CudaBackend b = other.backend;
            EmulatedLibraries.lose(part);
            float[] right = conv(own.backend);
            assertArrayEquals(right, conv(b));
            assertEquals(Optional.of(Way.OWN), b.choices().made(TASK));
            assertEquals(1, EmulatedLibraries.calls().get("advice"));
            assertArrayEquals(right, conv(b));
            Buffer x = Floats.random(b, 1, 72);
            Buffer w = Floats.random(b, 2, 54);
            b.conv2dGrad(x, w, Floats.random(b, 1, 108), null, x, null, null, SPEC);
            Pointwise.relu(b, x, x);
            b.synchronize();
            // What is of other parts goes on.
            assertEquals("{cudnnActivationForward=1}", EmulatedLibraries.calls().toString());
            assertTrue(
                    b.report().stream()
                            .anyMatch(
                                    line ->
                                            line.startsWith(
                                                            "cortado.cuda.conv: our own kernels,"
                                                                    + " a part of cuDNN is not"
                                                                    + " there: ")
                                                    && line.contains(FAILURE.get(part))),
                    () -> String.join("\n", b.report()));
        } finally {
            EmulatedLibraries.lose(EmulatedLibraries.Part.NONE);
        }
    }

    /** As in the example's doctor, which computes nothing. */
    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aReportTellsOfAMissingPartBeforeAnythingIsComputed(EmulatedLibraries.Part part) {
        try (OtherBackend other = open(new ChoiceTable("conv2d * * * * cudnn"))) {
            assertFalse(String.join("\n", other.backend.report()).contains("not there"));
        }
        EmulatedLibraries.lose(part);
        try (OtherBackend other = open(new ChoiceTable("conv2d * * * * cudnn"))) {
            String report = String.join("\n", other.backend.report());
            assertTrue(report.contains("\ncortado.cuda.conv: our own kernels, a part"), report);
            EmulatedLibraries.calls();
            conv(other.backend);
            assertTrue(EmulatedLibraries.calls().isEmpty());
        } finally {
            EmulatedLibraries.lose(EmulatedLibraries.Part.NONE);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aPartThatIsMissingIsAnErrorWhereCudnnWasAskedFor(EmulatedLibraries.Part part) {
        for (String setting : List.of(Family.CONV.property(), Preferences.USE)) {
            ChoiceTable table = new ChoiceTable("conv2d * * * * cudnn");
            try (OtherBackend other = open(table, setting, "cudnn", "cortado.cuda.matmul", "own")) {
                EmulatedLibraries.lose(part);
                String report = String.join("\n", other.backend.report());
                assertTrue(report.contains("\n-D" + setting + "=cudnn: a part of cuDNN"), report);
                for (int i = 0; i < 2; i++) {
                    var e = assertThrows(CudaException.class, () -> conv(other.backend));
                    assertTrue(
                            e.getMessage().startsWith("-D" + setting + "=cudnn: a part of cuDNN"),
                            e.getMessage());
                    assertTrue(e.getMessage().contains(FAILURE.get(part)), e.getMessage());
                }
            } finally {
                EmulatedLibraries.lose(EmulatedLibraries.Part.NONE);
            }
        }
    }

    @Test
    void aPartThatIsMissingIsNotMeasured() throws IOException {
        Path file = directory.resolve("plan.json");
        String[] settings = {Preferences.AUTOTUNE, "true", Preferences.PLAN, file.toString()};
        try (OtherBackend other = open(new ChoiceTable(""), settings)) {
            EmulatedLibraries.lose(EmulatedLibraries.Part.ENGINES);
            conv(other.backend);
            assertEquals(Optional.of(Way.OWN), other.backend.choices().made(TASK));
            assertEquals(1, EmulatedLibraries.calls().get("cudnnConvolutionForward"));
        } finally {
            EmulatedLibraries.lose(EmulatedLibraries.Part.NONE);
        }
        // What was measured without a part of cuDNN is no measurement for a machine that has it.
        assertFalse(Files.exists(file));
    }

    @Test
    void indeterminateAlgorithmsComeOnlyWhereTheyAreAllowed() {
        Task gradient = new Task(Op.CONV_GRAD_INPUT, SPEC, false, false, false);
        Cudnn strict = ((CudaBackend) Emulation.backend()).choices().cudnn();
        assertEquals(new Way(Library.CUDNN, 5), strict.ways(gradient).get(0));
        assertFalse(strict.ways(gradient).contains(new Way(Library.CUDNN, 0)));
        try (OtherBackend other = new OtherBackend(Preferences.DETERMINISTIC, "false")) {
            Cudnn any = other.backend.choices().cudnn();
            assertEquals(new Way(Library.CUDNN, 0), any.ways(gradient).get(0));
        }
    }

    @Test
    void whatIsClosedGivesItsMemoryBack() {
        OtherBackend other = new OtherBackend();
        long before = other.backend.bytesInUse();
        conv(other.backend);
        Choices choices = other.backend.choices();
        assertTrue(choices.libraries().cublas().isPresent());
        assertTrue(other.backend.bytesInUse() - before < 4096, "started with the backend");
        other.close();
        assertTrue(before - other.backend.bytesInUse() > 4 << 19, "cuBLAS's workspace");
    }
}
