package io.github.cortado.backend.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A plan of another problem would compute something else: nothing of a problem may be overlooked.
 */
@Tag("vector-only")
class ProblemsTest {
    /** The types that the rooms' lists choose by, and what these are made of. */
    private static Set<Class<?>> problems() throws ReflectiveOperationException {
        Set<Class<?>> found = new LinkedHashSet<>();
        for (Field room : VectorBackend.class.getDeclaredFields()) {
            for (Field ways : room.getType().getDeclaredFields()) {
                if (ways.getType() == Ways.class) {
                    ParameterizedType type = (ParameterizedType) ways.getGenericType();
                    add((Class<?>) type.getActualTypeArguments()[0], found);
                }
            }
        }
        return found;
    }

    private static void add(Class<?> type, Set<Class<?>> to) {
        to.add(type);
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getType().isRecord()) {
                add(component.getType(), to);
            }
        }
    }

    @Test
    void problemsAreEqualWhereAllTheirNumbersAre() throws Exception {
        Set<Class<?>> problems = problems();
        assertTrue(problems.containsAll(Set.of(Axis.class, Conv2dSpec.class, Pool2dSpec.class)));
        for (Class<?> type : problems) {
            String name = type.getName();
            int components = type.getRecordComponents().length;
            Object problem = of(type, -1);
            assertEquals(problem, of(type, -1), name);
            assertEquals(problem.hashCode(), of(type, -1).hashCode(), name);
            assertNotEquals(problem, "something else");
            Set<Integer> hashes = new HashSet<>();
            for (int other = 0; other < components; other++) {
                assertNotEquals(problem, of(type, other), name + ", component " + other);
                hashes.add(of(type, other).hashCode());
            }
            hashes.add(problem.hashCode());
            assertTrue(hashes.size() > components / 2, name + ": " + hashes);
        }
    }

    /** One whose component number {@code other} differs. */
    private static Object of(Class<?> type, int other) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < values.length; i++) {
            Class<?> kind = components[i].getType();
            if (kind == int.class) {
                values[i] = i == other ? 100 : i + 1;
            } else if (kind == double.class) {
                values[i] = i == other ? 100.0 : Double.NaN;
            } else if (kind == boolean.class) {
                values[i] = i == other;
            } else {
                values[i] = of(kind, i == other ? 0 : -1);
            }
        }
        Constructor<?> constructor =
                type.getDeclaredConstructor(
                        Arrays.stream(components)
                                .map(RecordComponent::getType)
                                .toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }
}
