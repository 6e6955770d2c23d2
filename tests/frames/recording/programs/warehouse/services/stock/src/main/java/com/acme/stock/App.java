package com.acme.stock;

import com.acme.stock.reports.Report;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.EnableAspectJAutoProxy;

@Configuration
@ComponentScan
@EnableAspectJAutoProxy(proxyTargetClass = true)
public class App {
    public static void main(String[] arguments) throws Exception {
        long end = System.nanoTime() + (long) (Double.parseDouble(arguments[0]) * 1e9);
        try (var context = new AnnotationConfigApplicationContext(App.class)) {
            var stock = context.getBean(StockService.class);
            var worker = new Thread(new Worker(stock, end), "worker");
            worker.start();
            while (System.nanoTime() < end) {
                new Report(stock).write();
            }
            worker.join();
        }
    }

    /** A nested class whose work is done by an anonymous one. */
    static class Worker implements Runnable {
        private final StockService stock;
        private final long end;

        Worker(StockService stock, long end) {
            this.stock = stock;
            this.end = end;
        }

        @Override
        public void run() {
            var counter = new Object() {
                int count;

                void count() {
                    for (int i = 0; i < 50_000; i++) count += Helper.mix(i);
                }
            };
            while (System.nanoTime() < end) {
                counter.count();
                stock.add("tea" + counter.count % 50, 3);
            }
        }
    }
}

/** A second class of the file: nothing in its name says where it is. */
class Helper {
    static int mix(int value) {
        int out = value;
        for (int i = 0; i < 20; i++) out ^= out << 1 ^ i;
        return out;
    }
}
