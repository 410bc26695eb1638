package io.github.cortado.backend.cpu.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WaysTest {
    record Rows(int length) {}

    private static Way<Rows, Object> of(String name, int least) {
        return Way.of(
                name,
                rows -> rows.length() < least ? rows.length() + " are few" : null,
                rows -> new Object());
    }

    private final Ways<Rows, Object> ways =
            new Ways<>(
                    "sum",
                    () ->
                            List.of(
                                    of("wide", 100),
                                    of("narrow", 10),
                                    Way.forAll("any", rows -> new Object())));

    @Test
    void theFirstWayWithoutAnObstacleIsTaken() {
        assertEquals("wide", ways.wayOf(new Rows(100)));
        assertEquals("narrow", ways.wayOf(new Rows(99)));
        assertEquals("any", ways.wayOf(new Rows(9)));
    }

    @Test
    void aPlanIsMadeOnceForEqualProblems() {
        Object plan = ways.plan(new Rows(100));
        assertSame(plan, ways.plan(new Rows(100)));
        assertNotSame(plan, ways.plan(new Rows(101)));
    }

    @Test
    void everNewProblemsDoNotFillTheMemory() {
        Object first = ways.plan(new Rows(0));
        for (int i = 1; i <= Ways.MOST_PLANS; i++) {
            ways.plan(new Rows(i));
        }
        assertNotSame(first, ways.plan(new Rows(0)));
        assertSame(ways.plan(new Rows(0)), ways.plan(new Rows(0)));
    }

    @Test
    void aListWhoseLastWayDoesNotTakeEverythingIsWrong() {
        Ways<Rows, Object> wrong = new Ways<>("sum", () -> List.of(of("wide", 100)));
        AssertionError error = assertThrows(AssertionError.class, () -> wrong.plan(new Rows(1)));
        assertTrue(error.getMessage().contains("no way takes Rows[length=1]"), error.getMessage());
    }

    @Test
    void threadsThatMeetEverNewProblemsGetTheirOwnPlans() {
        Ways<Rows, Integer> lengths =
                new Ways<>("sum", () -> List.of(Way.forAll("all", Rows::length)));
        assertEquals(
                0,
                IntStream.range(0, 40_000)
                        .parallel()
                        .filter(i -> lengths.plan(new Rows(i % 500)) != i % 500)
                        .count());
    }
}
