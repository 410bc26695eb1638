package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OperationThroughputTest {
    private static final String MAKING = "makes a tensor of numbers that are there";
    private static final String ASKING = "answers without computing";
    private static final String READING = "reads numbers out";
    private static final String VIEW = "is a view";
    private static final String MOVING = "moves what is there";
    private static final String GRADIENT = "belongs to the graph; gradients are timed of each";
    private static final String SHORTER =
            "is another one with options left out, or spelt otherwise";

    /** Public methods that need no time of their own, with the reason. */
    private static final Map<String, String> LEFT_OUT = new LinkedHashMap<>();

    static {
        leaveOut(MAKING, "zeros(Device, DType, Shape)", "zeros(int[])", "ones(int[])");
        leaveOut(MAKING, "full(double, int[])", "empty(Shape)", "sibling(Shape)");
        for (String type : List.of("float", "double", "int", "long", "byte", "boolean")) {
            leaveOut(MAKING, "of(" + type + "[], int[])", "of(" + type + "[], Shape)");
        }
        leaveOut(MAKING, "scalar(float)", "scalar(double)", "scalar(long)");
        leaveOut(ASKING, "shape()", "dim(int)", "size()", "dtype()", "device()", "buffer()");
        leaveOut(ASKING, "toString()", "requiresGrad()");
        leaveOut(ASKING, "sharesMemoryWith(Tensor)");
        leaveOut(READING, "item()", "get(int[])", "toFloats()", "toDoubles()", "toLongs()");
        leaveOut(READING, "toInts()", "toBytes()", "toBooleans()");
        leaveOut(READING, "allClose(Tensor)", "allClose(Tensor, double, double)");
        leaveOut(MAKING, "rand(int[])", "randn(int[])", "randint(long, long, int[])");
        leaveOut(MAKING, "randperm(int)");
        leaveOut(SHORTER, "any()", "all()", "prod()", "slice(int, int, int)");
        leaveOut(SHORTER, "topk(int, int, boolean)");
        leaveOut(VIEW, "detach()", "reshape(int[])", "flatten(int)", "unsqueeze(int)");
        leaveOut(VIEW, "squeeze(int)");
        leaveOut(MOVING, "to(Device)", "move(Device, DType)", "keep()");
        leaveOut(GRADIENT, "requiresGrad(boolean)", "grad()", "grad(Tensor)");
        leaveOut(GRADIENT, "backward()", "backward(Tensor)", "backward(boolean)");
        leaveOut(GRADIENT, "backward(Tensor, boolean)", "registerHook(Function)");
        leaveOut(SHORTER, "conv2d(Tensor, Tensor, Tensor, int, int, int, int)");
        leaveOut(SHORTER, "maxPool2d(Tensor, int)");
        leaveOut(SHORTER, "maxPool2d(Tensor, int, int, int)");
        leaveOut(SHORTER, "avgPool2d(Tensor, int, int, int, boolean)");
        leaveOut(SHORTER, "dropout(Tensor, double, Draws)");
        leaveOut(
                SHORTER,
                "scaledDotProductAttention(Tensor, Tensor, Tensor, boolean, double, Draws)");
        leaveOut(SHORTER, "selfAttention(Tensor, int, boolean, double, Draws)");
        leaveOut(SHORTER, "alphaDropout(Tensor, double, Draws)");
        leaveOut(SHORTER, "featureAlphaDropout(Tensor, double, Draws)");
        leaveOut(SHORTER, "stochasticDepth(Tensor, double, String, Draws)");
        leaveOut(SHORTER, "mseLoss(Tensor, Tensor, Reduction)");
        leaveOut(SHORTER, "binaryCrossEntropyWithLogits(Tensor, Tensor, Reduction)");
        leaveOut(SHORTER, "l1Loss(Tensor, Tensor, Reduction)");
        leaveOut(SHORTER, "smoothL1Loss(Tensor, Tensor, Reduction, double)");
        leaveOut(SHORTER, "huberLoss(Tensor, Tensor, Reduction, double)");
        leaveOut(MAKING, "arange(int)", "linspace(double, double, int)", "eye(int)");
        leaveOut(SHORTER, "binaryCrossEntropy(Tensor, Tensor, Reduction)");
        leaveOut(SHORTER, "nllLoss(Tensor, Tensor)", "multiMarginLoss(Tensor, Tensor)");
        leaveOut(SHORTER, "ctcLoss(Tensor, Tensor, Tensor, Tensor)");
        leaveOut(SHORTER, "scatter(int, Tensor, double)", "set(double, Range[])");
        leaveOut("writes what sliceScatter writes", "set(Tensor, Range[])");
        leaveOut(SHORTER, "binaryCrossEntropy(Tensor, Tensor, Tensor, Reduction)");
        leaveOut(SHORTER, "var()", "var(int, boolean, int[])", "std()", "std(int, boolean, int[])");
    }

    private static void leaveOut(String reason, String... methods) {
        for (String method : methods) {
            LEFT_OUT.put(method, reason);
        }
    }

    @Test
    void whatComputesIsTimed() {
        Set<String> called = called();
        Set<String> missing = new TreeSet<>();
        Set<String> offered = new HashSet<>();
        for (Class<?> type : List.of(Functional.class, Tensor.class)) {
            for (Method method : type.getDeclaredMethods()) {
                if (!Modifier.isPublic(method.getModifiers()) || method.isSynthetic()) {
                    continue;
                }
                String signature = signature(method.getName(), method.getParameterTypes());
                offered.add(signature);
                if (!LEFT_OUT.containsKey(signature)
                        && !called.contains(type.getSimpleName() + "." + signature)) {
                    missing.add(type.getSimpleName() + "." + signature);
                }
            }
        }
        assertEquals(Set.of(), missing);
        assertTrue(offered.containsAll(LEFT_OUT.keySet()), () -> unknown(offered));
    }

    private static String unknown(Set<String> offered) {
        Set<String> names = new TreeSet<>(LEFT_OUT.keySet());
        names.removeAll(offered);
        return "left out, but there is no such method: " + names;
    }

    /** What the class files of the operations call, by lambdas and references too. */
    private static Set<String> called() {
        Set<String> called = new HashSet<>();
        for (JavaClass c :
                new ClassFileImporter()
                        .importClasses(
                                Operations.class, MoreOperations.class, TensorOperations.class)) {
            c.getMethodCallsFromSelf().forEach(m -> called.add(named(m.getTarget())));
            c.getMethodReferencesFromSelf().forEach(r -> called.add(named(r.getTarget())));
        }
        return called;
    }

    private static String named(AccessTarget.CodeUnitAccessTarget target) {
        return target.getOwner().getSimpleName()
                + "."
                + target.getName()
                + target.getRawParameterTypes().stream()
                        .map(JavaClass::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String signature(String name, Class<?>[] types) {
        return name
                + Arrays.stream(types)
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    @Test
    void namesAreThoseOfThePeer() throws Exception {
        String scripts = Compare.defaults().getOrDefault("scripts", "");
        Path directory = Path.of(System.getProperty("cortado.root", "..")).resolve(scripts);
        String peer = Files.readString(directory.resolve("operations_torch.py"));
        Set<String> theirs = new TreeSet<>();
        Matcher quoted =
                Pattern.compile("(?:(?:add|forward|in_place|update)\\(|\\()\"([^\"]+)\", ")
                        .matcher(peer);
        while (quoted.find()) {
            theirs.add(quoted.group(1));
        }
        theirs.removeIf(name -> name.startsWith("--"));
        for (String name : List.of("add", "sub", "mul", "div")) {
            theirs.remove(name);
            List.of(" same", " row", " column", " number").forEach(k -> theirs.add(name + k));
        }
        Set<String> ours = new TreeSet<>();
        Operations.sized("small").forEach(o -> ours.add(o.name().replace("small: ", "")));
        assertEquals(theirs, ours);
        Set<String> large = new TreeSet<>();
        Operations.sized("large").forEach(o -> large.add(o.name().replace("large: ", "")));
        ours.removeAll(large);
        ours.removeIf(name -> name.matches("SGD.*|Ada.*|RMSprop"));
        assertEquals(Set.of(), ours);
    }

    @Test
    void everyOperationHasATimeInEveryOrderAndMode() {
        List<String> names = new ArrayList<>();
        for (String order : List.of("1", "2", "3")) {
            String mode = order.equals("2") ? "eager" : "graph";
            Map<?, ?> times = times("--only", "number", "--order", order, "--mode", mode);
            assertEquals(8, times.size());
            times.forEach((name, ms) -> assertTrue((Double) ms > 0, name + " " + ms));
            names.add((String) times.keySet().iterator().next());
        }
        assertEquals("small: add number, forward", names.get(0));
        assertEquals("small: div number, forward", names.get(1));
    }

    @Test
    void aWholeNameIsOneOperation() {
        assertEquals(
                Set.of("small: sum, forward", "small: sum, gradients"),
                times("--only", "small: sum").keySet());
    }

    @Test
    void aWrongNameIsSaid() {
        String message =
                assertThrows(Arguments.UsageException.class, () -> times("--only", "sinus"))
                        .getMessage();
        assertTrue(message.contains("no operation has 'sinus'"), message);
        message =
                assertThrows(Arguments.UsageException.class, () -> times("--sizes", "huge"))
                        .getMessage();
        assertTrue(message.contains("no size 'huge'"), message);
    }

    private static Map<?, ?> times(String... more) {
        List<String> line =
                new ArrayList<>(List.of("--sizes", "small", "--warmup", "1", "--millis", "1"));
        line.addAll(List.of(more));
        Arguments a = Arguments.parse(line, OperationThroughput.defaults());
        return (Map<?, ?>) OperationThroughput.run(a).get("milliseconds");
    }
}
