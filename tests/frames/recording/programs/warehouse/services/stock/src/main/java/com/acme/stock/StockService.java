package com.acme.stock;

import com.acme.units.Weight;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

@Service
public class StockService {
    private final Map<String, Weight> weights = new ConcurrentHashMap<>();
    private final Cache<String, String> names = CacheBuilder.newBuilder().maximumSize(20).build();

    public void add(String name, int count) {
        var weight = Weight.of(count, count % 2 == 0 ? Weight.Unit.GRAM : Weight.Unit.KILOGRAM);
        weights.merge(name, weight, Weight::plus);
        names.put(name, name.repeat(50).toUpperCase());
    }

    public List<String> heaviest(int count) {
        return weights.entrySet().stream()
                .sorted(Map.Entry.<String, Weight>comparingByValue(Comparator.reverseOrder()).thenComparing(Map.Entry::getKey))
                .limit(count)
                .map(entry -> describe(entry.getKey(), entry.getValue()))
                .collect(Collectors.toList());
    }

    private String describe(String name, Weight weight) {
        return String.format("%s: %,d g", name, weight.grams());
    }
}
