package io.github.cortado.backend.cpu.vector.pointwise;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.ContractCase;
import io.github.cortado.backend.ContractFormulaCases;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Placing;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.VectorBackend;
import io.github.cortado.backend.formula.Formula;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("vector-only")
class GeneratedLoopsTest {
    /** Every formula of the contract: with loops of its own it has the bits of its steps. */
    @Test
    void aGeneratedLoopHasTheBitsOfItsSteps() {
        Backend steps = running(plan -> plan.use(null));
        Backend loops =
                running(
                        plan -> {
                            List<Loop> made = plan.generated();
                            assertEquals(
                                    made.stream().anyMatch(Objects::nonNull),
                                    plan.stages().list().stream()
                                            .anyMatch(Stages.Stage::isArithmetic));
                            plan.use(made);
                        });
        int compared = 0;
        for (ContractCase c : ContractFormulaCases.all()) {
            List<Object> expected = c.results(steps, Placing.UNALIGNED);
            List<Object> found = c.results(loops, Placing.UNALIGNED);
            for (int i = 0; i < expected.size(); i++) {
                assertArrayEquals((float[]) expected.get(i), (float[]) found.get(i), c.toString());
                compared++;
            }
        }
        assertTrue(compared > 1000, compared + " results");
    }

    @FunctionalInterface
    private interface Preparation {
        void of(Plan plan) throws ReflectiveOperationException;
    }

    /** The vector backend, whose interpreter runs every formula in that way. */
    private static Backend running(Preparation preparation) {
        VectorBackend backend = new VectorBackend();
        return (Backend)
                Proxy.newProxyInstance(
                        Backend.class.getClassLoader(),
                        new Class<?>[] {Backend.class},
                        (proxy, method, arguments) -> {
                            if (!method.getName().equals("pointwise")) {
                                return method.invoke(backend, arguments);
                            }
                            Formula f = (Formula) arguments[0];
                            preparation.of(Plan.of(f));
                            Operands o = (Operands) arguments[1];
                            Parallel.forRanges(o.length(), Interpreter.over(f, o));
                            return null;
                        });
    }

    @Test
    @Timeout(60)
    void whatIsUsedMuchGetsALoopOfItsOwn() throws InterruptedException {
        Formula f = Formula.of("seldom", 1, 0, a -> List.of(a.x(0).mul(a.x(0)).sub(0.125).abs()));
        Buffer x = new HostBuffer.Floats(new float[100_000]);
        Buffer y = new HostBuffer.Floats(new float[100_000]);
        Operands operands = Operands.of(List.of(x), List.of(y), List.of());
        VectorBackend backend = new VectorBackend();
        while (Plan.of(f).loops() == null) {
            backend.pointwise(f, operands);
            Thread.sleep(1);
        }
        backend.pointwise(f, operands);
        assertArrayEquals(filled(100_000, 0.125f), ((HostBuffer.Floats) y).array());
    }

    private static float[] filled(int n, float value) {
        float[] all = new float[n];
        Arrays.fill(all, value);
        return all;
    }
}
