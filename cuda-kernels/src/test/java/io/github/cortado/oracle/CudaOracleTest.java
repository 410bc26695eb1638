package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.Device;
import io.github.cortado.cuda.CudaDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * PyTorch's answers, as in core's OracleTest, on the GPU: every operation forward and backward, and
 * every optimizer. Here it is also a test of memory, since gradients on their way are released at
 * once. The tolerances are the CPU's, also where cuDNN convolves by transforms: these are off by 31
 * roundings at most (see {@code Arithmetic}), which is 4e-6 of a tensor's norm, and 1e-5 is
 * allowed.
 */
@Tag("gpu")
class CudaOracleTest {
    static Stream<OracleDirectory> directories() {
        Path root = OracleDirectory.buildRoot();
        Path small = root.resolve("core/src/test/resources/oracle");
        Set<OracleDirectory> all = new LinkedHashSet<>();
        all.add(new OracleDirectory(small));
        all.addAll(OracleDirectory.within(small));
        all.add(
                OracleDirectory.find(
                        root,
                        System.getProperty("cortado.oracle"),
                        "true".equals(System.getenv("CI")),
                        small));
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("directories")
    void everyOperationAgreesForwardAndBackward(OracleDirectory directory) throws IOException {
        Device device = CudaDevice.open();
        List<String> faults =
                directory.runAll(
                        "ops",
                        device,
                        (c, own, e) -> OracleTest.operation(device, promised(c), own, e));
        assertEquals("", String.join("\n", faults));
    }

    /**
     * Which of equal numbers gets the gradient of a max-pooling is not written in cuDNN's manual:
     * where it pools, that gradient is left out of the cases that are about it.
     */
    private static Map<String, Object> promised(Map<String, Object> c) {
        if (!((String) c.get("case")).endsWith("_ties") || !CudaDevice.isPoolingCudnns()) {
            return c;
        }
        Map<String, Object> less = new LinkedHashMap<>(c);
        less.put("grads", List.of());
        return less;
    }

    @ParameterizedTest
    @MethodSource("directories")
    void everyOptimizerAgreesAfterAllSteps(OracleDirectory directory) throws IOException {
        Assumptions.assumeTrue(directory.has("optim.json"), directory + " has no optimizers");
        Device device = CudaDevice.open();
        List<String> faults =
                directory.runAll(
                        "optim", device, (c, own, e) -> OracleTest.optimizer(device, c, own, e));
        assertEquals("", String.join("\n", faults));
    }

    @ParameterizedTest
    @MethodSource("directories")
    void leNetTrainsAsInPyTorch(OracleDirectory directory) throws IOException {
        Assumptions.assumeTrue(directory.has("lenet.safetensors"), directory + " has no network");
        Device device = CudaDevice.open();
        Assumptions.assumeTrue(
                !CudaDevice.isEmulated() || directory.path().endsWith("resources/oracle"),
                "the large LeNet takes minutes on the emulated driver");
        new OracleTest().leNetTrainsAsInPyTorch(directory, device);
    }
}
