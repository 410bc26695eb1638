package io.github.cortado.backend.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.cpu.HostMemory;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class VectorBackendTest {
    @Test
    void eachMethodIsTheVectorBackendsOwnOrMemorys() {
        List<String> nobodys = new ArrayList<>();
        int own = 0;
        for (Method method : Backend.class.getMethods()) {
            if (Modifier.isStatic(method.getModifiers()) || method.isDefault()) {
                continue;
            }
            if (declares(VectorBackend.class, method) || declares(HostMemory.class, method)) {
                own++;
            } else {
                nobodys.add(method.getName());
            }
        }
        assertEquals(List.of(), nobodys);
        assertTrue(own > 30, own + " of its own");
    }

    private static boolean declares(Class<?> type, Method method) {
        return Arrays.stream(type.getDeclaredMethods()).anyMatch(m -> isSame(m, method));
    }

    private static boolean isSame(Method a, Method b) {
        return a.getName().equals(b.getName())
                && Arrays.equals(a.getParameterTypes(), b.getParameterTypes());
    }
}
