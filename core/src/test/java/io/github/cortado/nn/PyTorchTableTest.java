package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.GradCheck;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/pytorch.md} says what is here, and nothing that is here is missing in it. */
class PyTorchTableTest {
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| (?:`([\\w.]+)`)? ?\\| .*");

    private static Path root() {
        return Path.of(System.getProperty("cortado.root", ".."));
    }

    @Test
    void whatTheTableNamesIsThereAndWhatItLacksIsNot() throws IOException {
        Set<String> wrong = new TreeSet<>();
        int rows = 0;
        for (String line : Files.readAllLines(root().resolve("docs/pytorch.md"))) {
            Matcher m = ROW.matcher(line);
            if (!m.matches()) {
                continue;
            }
            rows++;
            String here = m.group(2);
            if (here == null ? isHere(m.group(1)) : !exists(here)) {
                wrong.add(line);
            }
        }
        assertTrue(rows > 300, rows + " rows");
        assertEquals(Set.of(), wrong, "docs/pytorch.py writes the table anew");
    }

    private static boolean isHere(String torch) {
        String method = camel(torch);
        return List.of("nn." + torch, "optim." + torch, "vision." + torch).stream()
                        .anyMatch(PyTorchTableTest::exists)
                || !torch.equals(torch.toUpperCase(Locale.ROOT))
                        && Character.isLowerCase(torch.charAt(0))
                        && (has(Functional.class, method)
                                || has(Tensor.class, method)
                                || has(Autograd.class, method)
                                || has(Layer.class, method));
    }

    private static boolean exists(String name) {
        String[] parts = name.split("\\.");
        return switch (parts[0]) {
            case "Functional" -> has(Functional.class, parts[1]);
            case "Tensor" -> has(Tensor.class, parts[1]);
            case "Gradients" -> has(Gradients.class, parts[1]);
            case "Autograd" -> has(Autograd.class, parts[1]);
            case "GradCheck" -> has(GradCheck.class, parts[1]);
            case "Layer" -> has(Layer.class, parts[1]);
            case "vision" ->
                    Files.exists(
                            root().resolve(
                                            "vision/src/main/java/io/github/cortado/vision/"
                                                    + parts[1]
                                                    + ".java"));
            default ->
                    PyTorchTableTest.class.getResource(
                                    "/io/github/cortado/" + parts[0] + "/" + parts[1] + ".class")
                            != null;
        };
    }

    private static boolean has(Class<?> type, String method) {
        return Arrays.stream(type.getDeclaredMethods())
                .map(Method::getName)
                .anyMatch(method::equals);
    }

    private static String camel(String name) {
        StringBuilder s = new StringBuilder();
        for (String part : name.split("_")) {
            s.append(
                    s.length() == 0 || part.isEmpty()
                            ? part
                            : Character.toUpperCase(part.charAt(0)) + part.substring(1));
        }
        return s.toString();
    }
}
