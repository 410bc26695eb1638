package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimedBackendTest {
    @Test
    void callsAreTimedAndWhatTakesNoArgumentIsPassedOn() throws ReflectiveOperationException {
        Device device = Device.of(TimedBackend.NAME);
        TimedBackend.calls();
        int asked = 0;
        for (Method method : Backend.class.getMethods()) {
            if (method.getParameterCount() == 0) {
                method.invoke(device.backend());
                asked++;
            }
        }
        assertTrue(asked > 3, "methods without arguments: " + asked);
        assertEquals(List.of(), TimedBackend.calls());
        Tensor.zeros(2).to(device).exp().toFloats();
        List<String> timed =
                TimedBackend.calls().stream().map(call -> call.problem().operation()).toList();
        assertTrue(timed.contains("exp 2"), timed::toString);
    }
}
