package io.github.cortado.oracle;

import static io.github.cortado.oracle.OracleDirectory.checkKeys;
import static io.github.cortado.oracle.OracleDirectory.relativeError;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agreement with PyTorch: every case of a directory of reference results, by default shared/oracle
 * beside the checkout ({@code -Dcortado.oracle=DIR} names another of the same format), and every
 * case of the small directory among the test resources, on every CPU backend.
 *
 * <p>On the scalar backend LeNet takes 5 steps, or all with {@code -Dcortado.oracle.slow=true}.
 */
class OracleTest {
    private static final int BATCH = 100;

    /**
     * Rounding decides between values that almost tie in max-pooling, and each such window sends
     * its gradient elsewhere: PyTorch's own float32 is off by 5e-3 here. In float64 the limit is
     * that of all gradients.
     */
    private static final double GRAD0 = 2e-2;

    /**
     * Of the weights after all 40 steps. The windows that almost tie set runs apart that round
     * differently, and Adam's first steps are as long for a small gradient as for a large one:
     * PyTorch in float32 beside PyTorch in float64 is off by up to 0.037 on another seed than the
     * one of these files (fc1.weight). What is wrong with a single step shows before: in the
     * gradients, in the first five losses and in the optimizers' own cases.
     */
    private static final double FINAL = 0.05;

    static Stream<Arguments> directories() throws Exception {
        Path small = small();
        OracleDirectory chosen =
                OracleDirectory.find(
                        OracleDirectory.buildRoot(),
                        System.getProperty("cortado.oracle"),
                        "true".equals(System.getenv("CI")),
                        small);
        Set<OracleDirectory> all = new LinkedHashSet<>();
        all.add(chosen);
        all.add(new OracleDirectory(small));
        all.addAll(OracleDirectory.within(small));
        return all.stream()
                .flatMap(d -> CpuDevices.all().stream().map(device -> Arguments.of(d, device)));
    }

    /**
     * A whole network takes seconds on the scalar backend, whose turn is the run without vectors.
     */
    static Stream<Arguments> fastest() throws Exception {
        return directories().filter(a -> ((Device) a.get()[1]).sameAs(Device.cpu()));
    }

    static Path small() throws Exception {
        return Path.of(OracleTest.class.getResource("/oracle/ops.json").toURI()).getParent();
    }

    @ParameterizedTest
    @MethodSource("directories")
    void everyOperationAgreesForwardAndBackward(OracleDirectory directory, Device device)
            throws IOException {
        Assumptions.assumeTrue(directory.has("ops.json"), directory + " has no operations");
        List<String> faults =
                directory.runAll("ops", device, (c, own, e) -> operation(device, c, own, e));
        assertEquals("", String.join("\n", faults));
    }

    static void operation(
            Device device,
            Map<String, Object> c,
            Function<String, Tensor> own,
            OracleDirectory.Errors errors) {
        checkKeys(c, "case", "op", "attrs", "inputs", "grads");
        List<?> grads = (List<?>) c.get("grads");
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (Object input : (List<?>) c.get("inputs")) {
            Tensor x = on(device, own.apply((String) input));
            inputs.put((String) input, grads.contains(input) ? x.requiresGrad(true) : x);
        }
        String op = (String) c.get("op");
        Attributes attrs = new Attributes(op, c.get("attrs"));
        Tensor y =
                op.startsWith("nn.")
                        ? OracleModules.run(op, attrs, inputs, device)
                        : OracleOperations.run(op, attrs, inputs);
        errors.note("y", relativeError("y", y, own.apply("y"), 1e-5));
        if (!grads.isEmpty()) {
            y.backward(on(device, own.apply("gy")));
        }
        for (Object name : grads) {
            String what = "grad_" + name;
            Tensor dx = inputs.get(name).grad();
            assertTrue(dx != null, what + " is missing");
            errors.note("gradients", relativeError(what, dx, own.apply(what), 2e-5));
        }
    }

    /** A copy, floats as float32 and indices as int64. */
    private static Tensor on(Device device, Tensor t) {
        return t.to(t.dtype().isFloat() ? DType.FLOAT32 : DType.INT64).to(device).copy();
    }

    @ParameterizedTest
    @MethodSource("directories")
    void everyOptimizerAgreesAfterAllSteps(OracleDirectory directory, Device device)
            throws IOException {
        Assumptions.assumeTrue(directory.has("optim.json"), directory + " has no optimizers");
        List<String> faults =
                directory.runAll("optim", device, (c, own, e) -> optimizer(device, c, own, e));
        assertEquals("", String.join("\n", faults));
    }

    static void optimizer(
            Device device,
            Map<String, Object> c,
            Function<String, Tensor> own,
            OracleDirectory.Errors errors) {
        checkKeys(c, "case", "optimizer", "args");
        Tensor w = on(device, own.apply("p0")).requiresGrad(true);
        Attributes args = new Attributes((String) c.get("optimizer"), c.get("args"));
        Optimizer optimizer = OracleOptimizers.of((String) c.get("optimizer"), args, w);
        args.done();
        Tensor g = on(device, own.apply("g"));
        Tensor expected = own.apply("p");
        for (int step = 0; step < g.dim(0); step++) {
            w.grad(row(g, step, w.shape()));
            optimizer.step();
            Tensor p = row(expected, step, w.shape());
            errors.note("p", relativeError("step " + step, w.detach(), p, 1e-6));
        }
    }

    private static Tensor row(Tensor all, int i, Shape shape) {
        return all.narrow(0, i, 1).reshape(shape.dims());
    }

    @ParameterizedTest
    @MethodSource("fastest")
    void leNetTrainsAsInPyTorch(OracleDirectory directory, Device device) throws IOException {
        Assumptions.assumeTrue(directory.has("lenet.safetensors"), directory + " has no LeNet");
        Map<String, Tensor> file = directory.tensors("lenet.safetensors");
        LeNet net = leNet(file);
        net.to(device);
        net.eval(); // dropout off
        Tensor logits = file.get("init_logits");
        try (var pause = Autograd.noGrad()) {
            Tensor found = net.forward(pictures(file, 0, logits.dim(0), device, DType.FLOAT32));
            relativeError("init_logits", found, logits, 1e-5);
        }
        float[] expected = file.get("losses").toFloats();
        boolean all =
                !device.sameAs(Device.cpuScalar()) || Boolean.getBoolean("cortado.oracle.slow");
        int steps = all ? expected.length : Math.min(3, expected.length);
        Adam adam = new Adam(net.parameters(), 1e-3);
        double first5 = 0;
        double worst = 0;
        for (int step = 0; step < steps; step++) {
            Tensor images = pictures(file, step * BATCH, BATCH, device, DType.FLOAT32);
            Tensor loss = Functional.crossEntropy(net.forward(images), labels(file, step, device));
            adam.zeroGrad();
            loss.backward();
            if (step == 0) {
                named(file, "grad0.")
                        .forEach(
                                (name, g) ->
                                        relativeError(
                                                "grad0." + name,
                                                net.namedParameters().get(name).grad(),
                                                g,
                                                GRAD0));
            }
            adam.step();
            double error = Math.abs(loss.item() - expected[step]) / Math.abs(expected[step]);
            // Also false for NaN.
            assertTrue(
                    error <= (step < 5 ? 1e-4 : 1e-2),
                    "loss of step " + step + " is " + loss.item() + ", not " + expected[step]);
            first5 = step < 5 ? Math.max(first5, error) : first5;
            worst = Math.max(worst, error);
        }
        if (steps == expected.length) {
            named(file, "final.")
                    .forEach(
                            (name, w) ->
                                    relativeError(
                                            "final." + name,
                                            net.namedParameters().get(name).detach(),
                                            w,
                                            FINAL));
        }
        System.out.printf(
                "OracleTest: %s/lenet.safetensors: %d of %d steps on %s, losses within %.1e over"
                        + " the first 5 and %.1e over all%n",
                directory.path(), steps, expected.length, device.description(), first5, worst);
    }

    @ParameterizedTest
    @MethodSource("fastest")
    void leNetHasPyTorchsGradientsInFloat64(OracleDirectory directory, Device device)
            throws IOException {
        Assumptions.assumeTrue(directory.has("lenet.safetensors"), directory + " has no LeNet");
        Assumptions.assumeTrue(
                device.sameAs(Device.cpuScalar()), "float64 is the scalar backend's");
        Map<String, Tensor> file = directory.tensors("lenet.safetensors");
        LeNet net = leNet(file);
        net.to(device, DType.FLOAT64);
        net.eval();
        Tensor logits = net.forward(pictures(file, 0, BATCH, device, DType.FLOAT64));
        relativeError("init_logits", logits, file.get("init_logits"), 1e-7);
        Functional.crossEntropy(logits, labels(file, 0, device)).backward();
        named(file, "grad0.")
                .forEach(
                        (name, g) ->
                                relativeError(
                                        "grad0." + name,
                                        net.namedParameters().get(name).grad(),
                                        g,
                                        1e-6));
    }

    private static LeNet leNet(Map<String, Tensor> file) {
        LeNet net =
                new LeNet(
                        shape(file, "conv1"),
                        shape(file, "conv2"),
                        shape(file, "conv3"),
                        shape(file, "fc1"),
                        shape(file, "fc2"));
        net.loadStateDict(named(file, "init."));
        return net;
    }

    private static Shape shape(Map<String, Tensor> file, String layer) {
        return file.get("init." + layer + ".weight").shape();
    }

    private static Map<String, Tensor> named(Map<String, Tensor> file, String prefix) {
        Map<String, Tensor> found = new LinkedHashMap<>();
        file.forEach(
                (name, t) -> {
                    if (name.startsWith(prefix)) {
                        found.put(name.substring(prefix.length()), t);
                    }
                });
        return found;
    }

    /** Pictures first, first + 1, ... round and round, as (x / 255 - 0.5) / 0.5. */
    private static Tensor pictures(
            Map<String, Tensor> file, int first, int n, Device device, DType dtype) {
        Tensor all = file.get("images");
        byte[] bytes = all.toBytes();
        int size = all.size() / all.dim(0);
        double[] x = new double[n * size];
        for (int i = 0; i < x.length; i++) {
            int picture = (first + i / size) % all.dim(0);
            x[i] = ((bytes[picture * size + i % size] & 0xFF) / 255.0 - 0.5) / 0.5;
        }
        return Tensor.of(x, all.shape().with(0, n)).to(dtype).to(device);
    }

    private static Tensor labels(Map<String, Tensor> file, int step, Device device) {
        long[] all = file.get("labels").toLongs();
        long[] batch = new long[BATCH];
        for (int i = 0; i < BATCH; i++) {
            batch[i] = all[(step * BATCH + i) % all.length];
        }
        return Tensor.of(batch).to(device);
    }
}
