package io.github.cortado.ops;

import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Sums of products in Einstein's notation, {@code "bij,bjk->bik"}: two factors at a time, from left
 * to right, as a product of matrices.
 */
public final class Einsum {
    private final String equation;
    private final List<List<Character>> factors = new ArrayList<>();
    private final List<Character> result;
    private final Map<Character, Integer> sizes = new LinkedHashMap<>();

    /** A factor and the letters of its dimensions. */
    private record Labelled(Tensor x, List<Character> letters) {}

    private Einsum(String equation) {
        this.equation = equation;
        String text = equation.replace(" ", "");
        int arrow = text.indexOf("->");
        String left = arrow < 0 ? text : text.substring(0, arrow);
        for (String factor : left.split(",", -1)) {
            factors.add(letters(factor));
        }
        result = arrow < 0 ? once() : letters(text.substring(arrow + 2));
    }

    /** The equation of these tensors. */
    public static Tensor apply(String equation, Tensor... operands) {
        Einsum e = new Einsum(equation);
        e.check(operands);
        return e.run(operands);
    }

    private List<Character> letters(String text) {
        List<Character> letters = new ArrayList<>();
        for (char c : text.toCharArray()) {
            boolean isLetter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            require(isLetter, "'" + c + "' is no letter");
            require(!letters.contains(c), "'" + c + "' stands twice in " + text);
            letters.add(c);
        }
        return letters;
    }

    /** Without an arrow: the letters that stand once, by the alphabet. */
    private List<Character> once() {
        List<Character> all = factors.stream().flatMap(List::stream).toList();
        return all.stream().filter(c -> count(all, c) == 1).sorted().toList();
    }

    private static long count(List<Character> all, char c) {
        return all.stream().filter(o -> o == c).count();
    }

    private void check(Tensor... operands) {
        require(
                operands.length == factors.size(),
                "it has "
                        + factors.size()
                        + " factors, "
                        + operands.length
                        + " tensors were given");
        for (int i = 0; i < operands.length; i++) {
            List<Character> letters = factors.get(i);
            Tensor x = operands[i];
            Checks.compatible("einsum", operands[0], x);
            require(
                    letters.size() == x.shape().rank(),
                    "factor " + text(letters) + " does not fit " + x.shape());
            for (int d = 0; d < letters.size(); d++) {
                Integer known = sizes.putIfAbsent(letters.get(d), x.dim(d));
                require(
                        known == null || known == x.dim(d),
                        "'" + letters.get(d) + "' is both " + known + " and " + x.dim(d));
            }
        }
        for (char c : result) {
            require(sizes.containsKey(c), "'" + c + "' of the result is in no factor");
        }
    }

    private void require(boolean condition, String what) {
        Checks.require(condition, "einsum: %s: %s", equation, what);
    }

    private static String text(List<Character> letters) {
        return letters.stream().map(String::valueOf).collect(Collectors.joining());
    }

    private Tensor run(Tensor... operands) {
        Labelled all = reduced(new Labelled(operands[0], factors.get(0)), needed(1));
        for (int i = 1; i < operands.length; i++) {
            Set<Character> needed = needed(i + 1);
            Set<Character> here = new LinkedHashSet<>(needed);
            here.addAll(all.letters);
            Labelled next = reduced(new Labelled(operands[i], factors.get(i)), here);
            here = new LinkedHashSet<>(needed);
            here.addAll(next.letters);
            all = product(reduced(all, here), next, needed);
        }
        return arranged(all, result);
    }

    /** Letters of the result and of factors from number {@code first} on. */
    private Set<Character> needed(int first) {
        Set<Character> letters = new LinkedHashSet<>(result);
        factors.subList(first, factors.size()).forEach(letters::addAll);
        return letters;
    }

    /** Summed over the dimensions that nobody asks for. */
    private static Labelled reduced(Labelled f, Set<Character> needed) {
        List<Character> kept = f.letters.stream().filter(needed::contains).toList();
        int[] dims =
                f.letters.stream()
                        .filter(c -> !needed.contains(c))
                        .mapToInt(f.letters::indexOf)
                        .toArray();
        return dims.length == 0 ? f : new Labelled(f.x.sum(false, dims), kept);
    }

    private Labelled product(Labelled a, Labelled b, Set<Character> needed) {
        List<Character> both = a.letters.stream().filter(b.letters::contains).toList();
        List<Character> batch = both.stream().filter(needed::contains).toList();
        List<Character> summed = both.stream().filter(c -> !needed.contains(c)).toList();
        List<Character> rows = a.letters.stream().filter(c -> !both.contains(c)).toList();
        List<Character> columns = b.letters.stream().filter(c -> !both.contains(c)).toList();
        int n = size(batch);
        Tensor left = arranged(a, joined(batch, rows, summed));
        Tensor right = arranged(b, joined(batch, summed, columns));
        Tensor y =
                left.reshape(n, size(rows), size(summed))
                        .matmul(right.reshape(n, size(summed), size(columns)));
        List<Character> letters = joined(batch, rows, columns);
        return new Labelled(y.reshape(dims(letters)), letters);
    }

    @SafeVarargs
    private static List<Character> joined(List<Character>... lists) {
        List<Character> all = new ArrayList<>();
        for (List<Character> list : lists) {
            all.addAll(list);
        }
        return all;
    }

    private int[] dims(List<Character> letters) {
        return letters.stream().mapToInt(sizes::get).toArray();
    }

    private int size(List<Character> letters) {
        int size = 1;
        for (int n : dims(letters)) {
            size = Checks.size("einsum", (long) size * n);
        }
        return size;
    }

    private static Tensor arranged(Labelled f, List<Character> order) {
        return f.letters.equals(order)
                ? f.x
                : f.x.permute(order.stream().mapToInt(f.letters::indexOf).toArray());
    }
}
