package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept, and what is let go. */
class RecentTest {
    private final List<String> gone = new ArrayList<>();
    private final Recent<Integer, String> recent = new Recent<>(2, gone::add);

    @Test
    void theOneThatWasAskedForTheLongestAgoGoes() {
        recent.put(1, "a");
        recent.put(2, "b");
        assertEquals("a", recent.get(1));
        recent.put(3, "c");
        assertEquals(List.of("b"), gone);
        assertEquals(null, recent.get(2));
        assertEquals("a", recent.get(1));
        assertEquals("c", recent.get(3));
    }

    @Test
    void whatIsReplacedOrClearedGoesToo() {
        recent.put(1, "a");
        recent.put(1, "b");
        assertEquals(List.of("a"), gone);
        recent.clear();
        assertEquals(List.of("a", "b"), gone);
        assertEquals(null, recent.get(1));
    }
}
