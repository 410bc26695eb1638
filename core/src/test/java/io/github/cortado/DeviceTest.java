package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
}
