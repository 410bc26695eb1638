package io.github.cortado.autograd;

import io.github.cortado.Device;
import io.github.cortado.cuda.CudaDevice;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Core's tests of kept graphs, chosen gradients, hooks, checkpoints and users' operations, on the
 * GPU: there memory goes back at once, and a compiled step is a graph.
 */
@Tag("gpu")
class CudaAutogradTest {
    private static final List<String> TESTS =
            List.of(
                    "autograd.CheckpointedTest",
                    "autograd.GradTest",
                    "autograd.HooksTest",
                    "autograd.UserOperationTest",
                    "nn.LayerHooksTest",
                    "ops.RetainedGraphTest",
                    "ops.SecondDerivativesTest");

    /** Of Java's arrays, and of Java code that a recorded step does not run again. */
    private static final Set<String> OF_THE_CPU =
            Set.of("nothingThatWasMadeInsideIsHeld", "partsOfASequentialAreCalledWithTheirHooks");

    @TestFactory
    Stream<DynamicTest> onTheGpuAsOnTheCpu() throws ReflectiveOperationException {
        Device device = CudaDevice.open();
        List<DynamicTest> all = new ArrayList<>();
        for (String name : TESTS) {
            Class<?> type = Class.forName("io.github.cortado." + name);
            for (Method m : type.getDeclaredMethods()) {
                Class<?>[] takes = m.getParameterTypes();
                if (takes.length == 1
                        && takes[0] == Device.class
                        && m.getReturnType() == void.class
                        && !m.isSynthetic()
                        && !OF_THE_CPU.contains(m.getName())) {
                    all.add(
                            DynamicTest.dynamicTest(
                                    type.getSimpleName() + " " + m.getName(),
                                    () -> run(type, m, device)));
                }
            }
        }
        Assertions.assertTrue(all.size() > 40, all.size() + " tests");
        return all.stream().sorted(Comparator.comparing(DynamicTest::getDisplayName));
    }

    private static void run(Class<?> type, Method test, Device device) throws Throwable {
        test.setAccessible(true);
        var made = type.getDeclaredConstructor();
        made.setAccessible(true);
        try {
            test.invoke(made.newInstance(), device);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
