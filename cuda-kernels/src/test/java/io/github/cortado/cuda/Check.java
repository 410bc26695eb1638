package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Scope;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.ContractCase;
import io.github.cortado.backend.ContractCases;
import io.github.cortado.backend.IndicesThatAreNone;
import io.github.cortado.backend.Placing;
import io.github.cortado.backend.TargetsThatAreNoClass;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Something that fails with an AssertionError where a kernel does not do what it should: a row of
 * the contract, or what is no row.
 */
record Check(String title, BiConsumer<ExactBackends, Placing> body) {
    /** Methods that tensor cores compute where they may. */
    private static final Set<String> TF32 =
            Set.of("matmul", "linear", "linearGrad", "conv2d", "conv2dGrad");

    /** Of more the emulated driver takes long, on whose tensor cores lanes wait for each other. */
    private static final long MOST_PRODUCTS = 2_000_000;

    /** All that the tests of the backend ask for. */
    static List<Check> all() {
        List<Check> checks = new ArrayList<>();
        for (ContractCase c : ContractCases.all()) {
            checks.add(row(c, false));
        }
        for (ContractCase c : tf32()) {
            checks.add(row(c, true));
        }
        checks.addAll(others());
        return checks;
    }

    /** The rows of the contract for a method. */
    static List<Check> of(String method) {
        return ContractCases.all().stream()
                .filter(c -> c.method().equals(method))
                .map(c -> row(c, false))
                .toList();
    }

    /** The rows of the contract for what tensor cores do. */
    static List<ContractCase> tf32() {
        return ContractCases.all().stream()
                .filter(c -> TF32.contains(c.method()))
                .filter(c -> products(c) < MOST_PRODUCTS)
                .map(ContractCase::rounded)
                .toList();
    }

    private static long products(ContractCase c) {
        long results = 0;
        for (Object result : c.expected()) {
            results += Array.getLength(result);
        }
        return results * c.terms();
    }

    private static Check row(ContractCase c, boolean tf32) {
        List<Object> expected = c.expected();
        return new Check(
                c.toString(),
                (backends, p) -> {
                    CudaBackend backend = tf32 ? backends.tf32() : backends.plain();
                    c.check(expected, c.results(backend, p), p);
                });
    }

    /** What is no row of the contract. */
    static List<Check> others() {
        List<Check> checks = new ArrayList<>();
        checks.add(
                new Check(
                        "targets that are no class",
                        (backends, p) -> TargetsThatAreNoClass.check(backends.plain())));
        checks.add(
                new Check(
                        "indices that are none",
                        (backends, p) -> IndicesThatAreNone.check(backends.plain())));
        for (RecordedNumbers.Update update : RecordedNumbers.Update.values()) {
            checks.add(
                    new Check(
                            "recorded numbers, " + update,
                            (backends, p) -> RecordedNumbers.check(backends.plain(), update)));
        }
        for (int n : new int[] {1, 7, 13_000}) {
            checks.add(
                    new Check(
                            "bias behind a library, " + n,
                            (backends, p) -> biasRelu(backends.plain(), n)));
        }
        checks.add(
                new Check("batches of pictures", (backends, p) -> PictureCheck.run(Device.cuda())));
        return checks;
    }

    /** What follows the product of a library: n elements of each of three channels. */
    private static void biasRelu(CudaBackend backend, int n) {
        try (Scope scope = Scope.open()) {
            for (boolean relu : new boolean[] {false, true}) {
                float[] y = new float[2 * 3 * n];
                float[] expected = new float[y.length];
                float[] bias = {-3, 0.5f, 4};
                for (int i = 0; i < y.length; i++) {
                    y[i] = i % 11 - 5;
                    float v = y[i] + bias[i / n % 3];
                    expected[i] = relu && v <= 0 ? 0 : v;
                }
                y[0] = Float.NaN;
                expected[0] = Float.NaN;
                Buffer values = backend.allocate(DType.FLOAT32, y.length);
                backend.upload(y, values);
                Buffer channels = backend.allocate(DType.FLOAT32, 3);
                backend.upload(bias, channels);
                Epilogue.run(backend.gpu(), values, channels, 3, n, relu);
                backend.download(values, y);
                assertArrayEquals(expected, y);
            }
        } catch (CudaException e) {
            throw new AssertionError(e);
        }
    }

    void run(ExactBackends backends, Placing placing) {
        body.accept(backends, placing);
    }

    @Override
    public String toString() {
        return title;
    }
}
