package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Functional;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What writes to a tensor that is there, and where it would go unseen. */
class InPlaceTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    private static Tensor matrix(Device device) {
        return Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3, 4).to(device);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void rangesAreThoseOfPython(Device device) {
        Tensor x = matrix(device);
        assertValues(x.slice(Range.at(1)), new int[] {4}, 4, 5, 6, 7);
        assertValues(x.slice(Range.at(-1), Range.at(-1)), new int[0], 11);
        assertValues(x.slice(Range.to(-1), Range.of(1, 4, 2)), new int[] {2, 2}, 1, 3, 5, 7);
        assertValues(x.slice(Range.all(), Range.from(3)), new int[] {3, 1}, 3, 7, 11);
        assertValues(x.slice(Range.of(2, 1)), new int[] {0, 4});
        assertValues(x.slice(Range.from(5), Range.at(2)), new int[] {0});
        assertTrue(x.slice(Range.from(1)).sharesMemoryWith(x));
        assertTrue(x.slice(Range.at(2)).sharesMemoryWith(x));
        assertTrue(x.slice().sharesMemoryWith(x));
        Tensor scalar = Tensor.scalar(3f).to(device);
        assertValues(scalar.slice(), new int[0], 3);
        assertEquals("1:-1:2", Range.of(1, -1, 2).toString());
        assertEquals("-1", Range.at(-1).toString());
        assertEquals(":", Range.all().toString());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void setWritesARangeOfEachDimension(Device device) {
        Tensor x = matrix(device);
        assertEquals(x, x.set(-1, Range.all(), Range.at(0)));
        assertValues(x, new int[] {3, 4}, -1, 1, 2, 3, -1, 5, 6, 7, -1, 9, 10, 11);
        x.set(Tensor.of(new float[] {20, 30}, 2), Range.from(1), Range.of(1, 4, 2));
        assertValues(x, new int[] {3, 4}, -1, 1, 2, 3, -1, 20, 6, 30, -1, 20, 10, 30);
        // A part of itself, which is read before it is written.
        x.set(x.slice(Range.of(0, 2)), Range.of(1, 3));
        assertValues(x, new int[] {3, 4}, -1, 1, 2, 3, -1, 1, 2, 3, -1, 20, 6, 30);
        x.set(Tensor.of(new long[] {7}, 1), Range.at(0));
        assertValues(x.slice(Range.at(0)), new int[] {4}, 7, 7, 7, 7);
        Tensor numbers = Tensor.of(new long[] {1L << 60, 2, 3}, 3).to(device);
        numbers.set(Tensor.scalar((1L << 60) + 1), Range.at(-1));
        assertArrayEquals(new long[] {1L << 60, 2, (1L << 60) + 1}, numbers.toLongs());
    }

    @Test
    void whatWaitsForTheOldValuesHasThem() {
        Tensor x = matrix(Device.cpu());
        Tensor y = Functional.relu(x.sub(5)).mul(2);
        x.set(100, Range.all());
        assertValues(y.slice(Range.at(1)), new int[] {4}, 0, 0, 2, 4);
    }

    @Test
    void aGradientThatNeedsTheOldValuesSaysSo() {
        Tensor x = matrix(Device.cpu()).requiresGrad(true);
        Tensor y = x.square().sum();
        x.set(1, Range.at(0));
        String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
        assertTrue(message.startsWith("backward: a tensor of shape [3, 4] that "), message);
    }

    @Test
    void aResultOfARecordedOperationIsNotOverwritten() {
        Tensor x = matrix(Device.cpu()).requiresGrad(true);
        Tensor y = x.mul(2);
        for (Runnable write :
                List.<Runnable>of(
                        () -> y.fill(0),
                        () -> y.copyFrom(matrix(Device.cpu())),
                        () -> y.set(0, Range.at(0)))) {
            String message = assertThrows(IllegalStateException.class, write::run).getMessage();
            assertTrue(message.contains(": this is the result of mul, whose gradient "), message);
        }
        try (var pause = Autograd.noGrad()) {
            y.fill(0);
        }
        y.detach().fill(1);
        assertEquals(12, y.sum().item());
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> matrix(Device.cpu()).set(x, Range.all()))
                        .getMessage();
        assertTrue(message.startsWith("set: no gradients flow to what is written"), message);
    }

    /** In PyTorch they are views, and a write goes to the tensor that they were made of. */
    @Test
    void aCopyWhereAViewMayBeExpectedIsNotOverwritten() {
        Map<String, UnaryOperator<Tensor>> copies =
                Map.of(
                        "narrow", x -> x.narrow(1, 0, 2),
                        "slice", x -> x.slice(1, 0, 2),
                        "select", x -> x.select(1, 0),
                        "permute", x -> x.permute(1, 0),
                        "transpose", x -> x.transpose(0, 1).flatten(0),
                        "expand", x -> x.unsqueeze(0).expand(2, 3, 4));
        copies.forEach(
                (op, copy) -> {
                    Tensor x = matrix(Device.cpu());
                    String message =
                            assertThrows(
                                            IllegalStateException.class,
                                            () -> copy.apply(x).detach().fill(0))
                                    .getMessage();
                    assertTrue(message.startsWith("fill: " + op + " made a copy, "), message);
                    assertTrue(message.contains("set(value, ranges)"), message);
                    copy.apply(x).copy().fill(0);
                });
        Tensor x = matrix(Device.cpu());
        x.narrow(0, 1, 1).fill(0);
        x.split(1, 0).get(2).fill(0);
        assertEquals(6, x.sum().item());
        assertThrows(IllegalStateException.class, () -> x.split(2, 1).get(1).fill(0));
        assertThrows(IllegalStateException.class, () -> x.chunk(2, 1).get(1).fill(1));
    }

    /** They are copies in PyTorch, too. */
    @Test
    void whatIsACopyEverywhereIsWrittenTo() {
        List<UnaryOperator<Tensor>> copies =
                List.of(
                        x -> x.repeat(1, 2),
                        x -> x.flip(1),
                        x -> x.roll(1, 1),
                        x -> x.indexSelect(1, Tensor.of(new long[] {0, 2}, 2)),
                        x -> Tensor.cat(1, x, x),
                        x -> Tensor.stack(1, x, x),
                        x -> x.tril(0),
                        x -> x.sum(true, 1),
                        x -> x.softmax(0),
                        x -> Functional.pad(x, new int[] {1, 1}, "constant", 0),
                        x -> x.cumsum(0),
                        x -> Functional.pixelShuffle(x.reshape(4, 1, 3), 2),
                        x -> Functional.pixelUnshuffle(x.reshape(1, 2, 6), 2),
                        x -> Functional.channelShuffle(x.reshape(1, 4, 3), 2),
                        x -> Functional.unfold(x.reshape(1, 1, 3, 4), 2, 1, 0, 1),
                        x -> x.sort(0, false).values(),
                        x -> x.matmul(x.transpose(0, 1)));
        for (UnaryOperator<Tensor> copy : copies) {
            assertEquals(0, copy.apply(matrix(Device.cpu())).fill(0).sum().item());
        }
    }

    @Test
    void rangesThatDoNotExistAreNamed() {
        Tensor x = matrix(Device.cpu());
        assertRefused("slice: no element 4 in dimension 1 of [3, 4]", x, Range.all(), Range.at(4));
        assertRefused(
                "slice: 3 ranges [:, 1:, :] for the 2 dimensions of [3, 4]",
                x,
                Range.all(),
                Range.from(1),
                Range.all());
        String message =
                assertThrows(
                                ShapeException.class,
                                () -> x.set(Tensor.zeros(3), Range.all(), Range.to(2)))
                        .getMessage();
        assertTrue(message.startsWith("set: shapes [3] and [3, 2] do not broadcast"), message);
        assertThrows(IllegalArgumentException.class, () -> Range.of(0, 1, 0));
    }

    @Test
    void theLastSourceOfAnElementStaysAndHasTheGradient() {
        for (Device device : CpuDevices.all()) {
            Tensor x = matrix(device).requiresGrad(true);
            Tensor source = Tensor.of(new float[] {20, 30, 40}, 1, 3).to(device).requiresGrad(true);
            Tensor index = Tensor.of(new long[] {2, 0, 2}, 1, 3).to(device);
            Tensor y = x.scatter(1, index, source);
            assertValues(y.slice(Range.at(0)), new int[] {4}, 30, 1, 40, 3);
            y.mul(y).sum().backward();
            assertValues(source.grad(), new int[] {1, 3}, 0, 60, 80);
            assertValues(x.grad().slice(Range.at(0)), new int[] {4}, 0, 2, 0, 6);
        }
        Tensor counts = Tensor.of(new long[4], 1, 4).scatter(1, Tensor.of(new long[] {3}, 1, 1), 5);
        assertArrayEquals(new long[] {0, 0, 0, 5}, counts.toLongs());
    }

    private static void assertRefused(String message, Tensor x, Range... ranges) {
        assertEquals(
                message, assertThrows(ShapeException.class, () -> x.slice(ranges)).getMessage());
    }

    private static void assertValues(Tensor x, int[] shape, double... values) {
        assertArrayEquals(shape, x.shape().dims());
        assertArrayEquals(values, x.toDoubles());
    }
}
