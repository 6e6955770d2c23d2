package com.acme.search;

import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;

public final class Tokens {
    private Tokens() {}

    public static Map<String, Integer> count(String text) {
        var counts = new HashMap<String, Integer>();
        var tokens = new StringTokenizer(text);
        while (tokens.hasMoreTokens()) counts.merge(tokens.nextToken(), 1, Integer::sum);
        return counts;
    }
}
