package io.github.cortado.oracle;

import static io.github.cortado.oracle.OracleDirectory.relativeError;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** PyTorch's trajectories in float64, which the files have rounded to float32 at the end. */
class OptimizersInFloat64Test {
    /** What rounding to float32 can make of a tensor, and half as much again. */
    private static final double LIMIT = 9e-8;

    @ParameterizedTest
    @ValueSource(strings = {"breadth", "training"})
    void everyStepAgreesToTheLastBitOfFloat32(String name) throws Exception {
        Path path = OracleTest.small().resolve(name);
        Device device = Device.cpuScalar();
        List<String> faults =
                new OracleDirectory(path)
                        .runAll(
                                "optim",
                                device,
                                (c, own, e) -> {
                                    Tensor w = wide(own.apply("p0"), device);
                                    w.requiresGrad(true);
                                    Attributes args =
                                            new Attributes(
                                                    (String) c.get("optimizer"), c.get("args"));
                                    var optimizer =
                                            OracleOptimizers.of(
                                                    (String) c.get("optimizer"), args, w);
                                    Tensor g = wide(own.apply("g"), device);
                                    Tensor p = wide(own.apply("p"), device);
                                    int[] shape = w.shape().dims();
                                    for (int step = 0; step < g.dim(0); step++) {
                                        w.grad(g.narrow(0, step, 1).reshape(shape));
                                        optimizer.step();
                                        Tensor expected = p.narrow(0, step, 1).reshape(shape);
                                        String what = "step " + step;
                                        e.note(
                                                "p",
                                                relativeError(what, w.detach(), expected, LIMIT));
                                    }
                                });
        assertEquals("", String.join("\n", faults));
    }

    private static Tensor wide(Tensor t, Device device) {
        return t.to(device).to(DType.FLOAT64).copy();
    }
}
