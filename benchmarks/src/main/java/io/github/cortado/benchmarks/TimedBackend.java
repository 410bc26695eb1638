package io.github.cortado.benchmarks;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendProvider;
import io.github.cortado.backend.Backends;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Qkv;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The device {@code cpu-timed}: the CPU's fastest backend, every call of which is timed where it is
 * made, between all others, with its caches as they are then.
 */
public final class TimedBackend implements BackendProvider {
    /** Name of the device. */
    static final String NAME = "cpu-timed";

    /** Calls that only ask, or that others are made in; what is given nothing computes nothing. */
    private static final Set<String> NOT_TIMED =
            Set.of("supports", "compile", "nanoseconds", "followed", "softmaxOf");

    private static final Map<Problem, Call> CALLS = new LinkedHashMap<>();

    /**
     * What was measured of one kind of call.
     *
     * @param last argument, which describes the work where the method has such a record
     * @param bytes of all buffers that it is given, each once
     */
    record Call(Problem problem, Object last, double bytes, List<Long> nanoseconds) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Backend create() {
        // A method without arguments comes with null.
        InvocationHandler handler =
                (proxy, method, arguments) ->
                        invoke(method, arguments == null ? new Object[0] : arguments);
        return (Backend)
                Proxy.newProxyInstance(
                        Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, handler);
    }

    /** What was measured since this was last asked, in the order of the first calls. */
    static List<Call> calls() {
        List<Call> all = new ArrayList<>(CALLS.values());
        CALLS.clear();
        return all;
    }

    private static Object invoke(Method method, Object[] arguments) throws Throwable {
        // Not before it is asked for: backends are being found when this one is made.
        Backend backend =
                Backends.found()
                        .get("cpu-vector")
                        .orElseThrow(() -> Backends.found().whyNot("cpu-vector"));
        try {
            if (arguments.length == 0 || NOT_TIMED.contains(method.getName())) {
                return method.invoke(backend, arguments);
            }
            long start = System.nanoTime();
            Object result = method.invoke(backend, arguments);
            long nanoseconds = System.nanoTime() - start;
            Problem problem = Problem.of(method.getName(), arguments);
            CALLS.computeIfAbsent(problem, p -> call(p, arguments)).nanoseconds.add(nanoseconds);
            return result;
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Call call(Problem problem, Object[] arguments) {
        Set<Buffer> buffers = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Object a : arguments) {
            if (a instanceof Buffer b) {
                buffers.add(b);
            } else if (a instanceof Operands o) {
                buffers.addAll(o.inputs());
                buffers.addAll(o.outputs());
            } else if (a instanceof Qkv x) {
                buffers.addAll(List.of(x.q(), x.k(), x.v()));
            } else if (a instanceof Moments m) {
                buffers.add(m.mean());
                buffers.add(m.invStd());
            }
        }
        double bytes =
                buffers.stream().mapToDouble(b -> (double) b.length() * b.dtype().bytes()).sum();
        return new Call(problem, arguments[arguments.length - 1], bytes, new ArrayList<>());
    }
}
