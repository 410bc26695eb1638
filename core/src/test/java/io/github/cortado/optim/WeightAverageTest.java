package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WeightAverageTest {
    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    private static Map<String, Tensor> file() throws Exception {
        return SafeTensors.load(
                Path.of(
                        WeightAverageTest.class
                                .getResource("/oracle/training/averages.safetensors")
                                .toURI()));
    }

    private static float[] row(Tensor all, int i) {
        return all.narrow(0, i, 1).toFloats();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void everyAverageIsPyTorchs(Device device) throws Exception {
        Map<String, Tensor> file = file();
        Tensor all = file.get("w");
        Tensor w = Tensor.zeros(5, 3).to(device).copy().requiresGrad(true);
        Map<String, WeightAverage> averages = new LinkedHashMap<>();
        averages.put("equal", WeightAverage.equal(List.of(w)));
        averages.put("exponential", WeightAverage.exponential(List.of(w), 0.9));
        averages.put("slow", WeightAverage.exponential(List.of(w), 0.3));
        for (int step = 0; step < all.dim(0); step++) {
            int i = step;
            w.copyFrom(all.narrow(0, i, 1).reshape(5, 3));
            averages.forEach(
                    (name, average) -> {
                        average.update();
                        assertArrayEquals(
                                row(file.get(name), i),
                                average.averages().get(0).toFloats(),
                                3e-7f,
                                name + ", update " + i);
                    });
        }
        assertArrayEquals(row(all, all.dim(0) - 1), w.toFloats());
        assertEquals(12, averages.get("equal").updates());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theFirstUpdateIsTheParameter(Device device) {
        Tensor w = Tensor.of(new float[] {0.1f, -1e30f}).to(device).copy().requiresGrad(true);
        WeightAverage average = WeightAverage.exponential(List.of(w), 0.99);
        w.copyFrom(Tensor.of(new float[] {0.3f, 7}));
        average.update();
        assertArrayEquals(new float[] {0.3f, 7}, average.averages().get(0).toFloats());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void swappingTwiceIsNothing(Device device) {
        Tensor w = Tensor.of(new float[] {1, 2}).to(device).copy().requiresGrad(true);
        SGD sgd = new SGD(List.of(w), 1);
        WeightAverage average = WeightAverage.equal(List.of(w));
        average.update();
        w.grad(Tensor.of(new float[] {2, -2}).to(device));
        sgd.step();
        average.update();
        average.swap();
        assertArrayEquals(new float[] {0, 3}, w.toFloats());
        assertThrows(IllegalStateException.class, average::update);
        assertThrows(IllegalStateException.class, average::stateTensors);
        Map<String, Tensor> other = Map.of("0", Tensor.of(new float[] {50, 50}));
        assertEquals(
                "WeightAverage: the averages are in the parameters' places; swap them back",
                assertThrows(IllegalStateException.class, () -> average.loadState(other, 1))
                        .getMessage());
        average.swap();
        assertArrayEquals(new float[] {-1, 4}, w.toFloats());
        assertArrayEquals(new float[] {0, 3}, average.averages().get(0).toFloats());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aCompiledStepAverages(Device device) {
        Tensor w = Tensor.of(new float[] {8}).to(device).copy().requiresGrad(true);
        Tensor g = Tensor.of(new float[] {1}).to(device).copy();
        SGD sgd = new SGD(List.of(w), 1);
        WeightAverage average = WeightAverage.equal(List.of(w));
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            sgd.zeroGrad();
                            w.mul(g).sum().backward();
                            sgd.step();
                            average.update();
                            return w.detach();
                        })) {
            for (int i = 0; i < 6; i++) {
                step.run();
            }
        }
        assertEquals(2, w.item());
        assertEquals(4.5, average.averages().get(0).item(), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void compiledStepsTrainTheSameBits(Device device) {
        CompiledTraining.check(device);
    }

    @Test
    void aLoadedStateGoesOnBitForBit() {
        Tensor w = Tensor.of(new float[] {1, 2}).requiresGrad(true);
        WeightAverage steady = WeightAverage.equal(List.of(w));
        WeightAverage before = WeightAverage.equal(List.of(w));
        for (int i = 0; i < 3; i++) {
            w.copyFrom(Tensor.of(new float[] {i, 0.1f * i}));
            steady.update();
            before.update();
        }
        WeightAverage after = WeightAverage.equal(List.of(w));
        after.loadState(before.stateTensors(), before.updates());
        for (int i = 3; i < 6; i++) {
            w.copyFrom(Tensor.of(new float[] {i, 0.1f * i}));
            steady.update();
            after.update();
        }
        assertArrayEquals(steady.averages().get(0).toFloats(), after.averages().get(0).toFloats());
        assertEquals(
                "WeightAverage: state 0 is [3], expected [2]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> after.loadState(Map.of("0", Tensor.zeros(3)), 1))
                        .getMessage());
        assertEquals(
                "WeightAverage: decay must be from 0 to 1, got 1.5",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> WeightAverage.exponential(List.of(w), 1.5))
                        .getMessage());
    }

    @Test
    void anAverageFollowsItsParameter() {
        Tensor w = Tensor.of(new float[] {1, 2}).requiresGrad(true);
        WeightAverage average = WeightAverage.equal(List.of(w));
        average.update();
        w.move(Device.cpuScalar(), DType.FLOAT64);
        w.copyFrom(Tensor.of(new float[] {3, 3}));
        average.update();
        assertEquals(DType.FLOAT64, average.averages().get(0).dtype());
        assertArrayEquals(new double[] {2, 2.5}, average.averages().get(0).toDoubles());
    }
}
