package com.acme.stock.reports;

import com.acme.stock.StockService;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

public class Report {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Pattern LINE = Pattern.compile("([a-z]+)(\\d+): ([\\d,.]+) g");
    private final StockService stock;

    public Report(StockService stock) {
        this.stock = stock;
    }

    public byte[] write() throws Exception {
        for (int i = 0; i < 20; i++) stock.add("tea" + i, i);
        var lines = stock.heaviest(40);
        var parts = lines.stream().map(LINE::matcher).filter(match -> match.matches()).map(match -> match.group(1)).toList();
        var json = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(Map.of("lines", lines, "parts", parts));
        MAPPER.readTree(json).findValues("lines");
        return new Packed(json).bytes();
    }

    private record Packed(byte[] json) {
        byte[] bytes() throws Exception {
            var out = new ByteArrayOutputStream();
            try (var zip = new GZIPOutputStream(out)) {
                zip.write(json);
            }
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(out.toByteArray())).getBytes();
        }
    }
}
