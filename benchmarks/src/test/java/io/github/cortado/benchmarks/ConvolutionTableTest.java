package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.ConvolutionTable.Direction;
import io.github.cortado.benchmarks.ConvolutionTable.Row;
import io.github.cortado.benchmarks.nets.Network;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ConvolutionTableTest {
    @Test
    void everyConvolutionOfBothNetworksStandsThereAndTheSumsAreThoseOfThePapers() {
        ConvolutionTable table =
                ConvolutionTable.measure(
                        Arguments.parse(
                                List.of("--batch", "1", "--millis", "0"),
                                ConvolutionTable.defaults()));
        Map<String, Row> rows =
                table.rows().stream()
                        .collect(Collectors.toMap(row -> Problem.size(row.spec()), row -> row));
        // 11 of ResNet-18, and those of VGG-11 that it has not.
        assertEquals(11 + 4, rows.size(), rows.keySet().toString());
        Row first = rows.get("3 to 64, 32 x 32, kernel 3 x 3");
        assertEquals(Map.of(Network.RESNET18, 1, Network.VGG11, 1), first.counts());
        assertFalse(first.costs().containsKey(Direction.BY_X), "nobody asks for it");
        assertEquals(4, rows.get("64 to 64, 32 x 32, kernel 3 x 3").count(Network.RESNET18));
        assertEquals(
                1, rows.get("256 to 512, 8 x 8, kernel 1 x 1, stride 2").count(Network.RESNET18));
        assertEquals(2, rows.get("512 to 512, 2 x 2, kernel 3 x 3").count(Network.VGG11));
        // Multiply-adds of a picture: 556 million of ResNet-18, 153 of VGG-11.
        assertEquals(
                2 * 555.417600,
                table.sums(Network.RESNET18).get(Direction.FORWARD).megaflop(),
                1e-9);
        assertEquals(
                2 * 152.764416, table.sums(Network.VGG11).get(Direction.BY_W).megaflop(), 1e-9);
        String text = table.markdown();
        assertTrue(text.contains("| **resnet18** | 20 |  | "), text);
        assertTrue(text.contains("| **vgg11** |  | 8 | "), text);
        assertEquals(
                1,
                text.lines()
                        .filter(line -> line.startsWith("|"))
                        .map(line -> line.chars().filter(c -> c == '|').count())
                        .distinct()
                        .count(),
                text);
    }
}
