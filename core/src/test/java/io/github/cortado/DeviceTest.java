package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Linear;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DeviceTest {
    /** The build runs all tests twice and says which backend it means to test. */
    @Test
    void theBackendIsTheOneThatTheBuildMeans() {
        String expected = System.getProperty("cortado.test.expect");
        String found = Device.cpu().backend().name();
        if (expected != null) {
            assertEquals("cpu-" + expected, found);
        }
    }

    @Test
    void aDeviceIsMadeOnceForItsName() {
        assertSame(Device.of("cpu"), Device.cpu());
        assertSame(Device.of("cpu-scalar"), Device.cpuScalar());
        assertEquals("cpu-scalar", Device.cpuScalar().toString());
    }

    @Test
    void anUnknownDeviceIsNamedWithThoseThereAre() {
        String message =
                assertThrows(IllegalStateException.class, () -> Device.of("tpu")).getMessage();
        assertTrue(message.startsWith("device tpu cannot be used: "), message);
        assertTrue(message.contains("cpu-scalar"), message);
    }

    @Test
    void withoutAGpuCudaSaysWhyAndBestFallsBack() {
        if (io.github.cortado.backend.Backends.found().get("cuda:0").isEmpty()) {
            String message = assertThrows(IllegalStateException.class, Device::cuda).getMessage();
            assertTrue(message.startsWith("device cuda:0 cannot be used: "), message);
            assertSame(Device.cpu(), Device.best());
        }
    }

    @Test
    void float64IsForTheScalarBackendAlone() {
        assertEquals(2, Tensor.of(new double[] {1, 2}).exp().size());
        Tensor doubles = Tensor.of(new double[] {1, 2});
        assertEquals(Device.cpuScalar(), doubles.device());
        if (!Device.cpu().sameAs(Device.cpuScalar())) {
            assertThrows(IllegalArgumentException.class, () -> doubles.to(Device.cpu()));
        }
    }

    /** Whoever does what it says gets no second one. */
    @Test
    @Tag("vector-only")
    void theFirstMessageAboutFloat64SaysAllThatHasToBeDone() {
        Linear layer = new Linear(2, 1);
        Tensor x = Tensor.of(new double[] {1, 2}, 1, 2);
        String message =
                assertThrows(IllegalArgumentException.class, () -> layer.forward(x)).getMessage();
        assertEquals(
                "linear: one tensor [1, 2] is float64 on cpu-scalar, another [1, 2] is float32 on"
                        + " cpu; make the float64 one float32 with to(DType.FLOAT32) and move it"
                        + " with to(device), or compute all in float64 on Device.cpuScalar()",
                message);
        assertEquals(1, layer.forward(x.to(DType.FLOAT32).to(Device.cpu())).size());
        assertEquals(
                "device cpu does not compute in float64; make it float32 with to(DType.FLOAT32)"
                        + " first, or use Device.cpuScalar() for all tensors",
                assertThrows(IllegalArgumentException.class, () -> x.to(Device.cpu()))
                        .getMessage());
        layer.to(Device.cpuScalar(), DType.FLOAT64);
        assertEquals(DType.FLOAT64, layer.forward(x).dtype());
    }

    @Test
    void oneValueInAnArrayIsAVectorAndScalarsHaveTheirOwnMethods() {
        assertEquals(Shape.of(1), Tensor.of(new long[] {2}).shape());
        assertEquals(Shape.of(1), Tensor.of(new float[] {2}).shape());
        assertEquals(Shape.of(1), Tensor.of(new double[] {2}).shape());
        assertEquals(Shape.of(1), Tensor.of(new int[] {2}).shape());
        assertEquals(Shape.of(1), Tensor.of(new byte[] {2}).shape());
        assertEquals(Shape.of(), Tensor.of(new long[] {2}, Shape.of()).shape());
        assertEquals("int64 []", Tensor.scalar(2).dtype() + " " + Tensor.scalar(2).shape());
        assertEquals("float32 []", Tensor.scalar(2f).dtype() + " " + Tensor.scalar(2f).shape());
        assertEquals("float64 []", Tensor.scalar(2.5).dtype() + " " + Tensor.scalar(2.5).shape());
        Tensor lastBatch = Tensor.zeros(1, 3);
        assertEquals(
                Math.log(3),
                Functional.crossEntropy(lastBatch, Tensor.of(new long[] {2})).item(),
                1e-6);
    }
}
