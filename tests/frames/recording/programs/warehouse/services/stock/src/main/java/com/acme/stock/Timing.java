package com.acme.stock;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.aspectj.lang.ProceedingJoinPoint;
import org.aspectj.lang.annotation.Around;
import org.aspectj.lang.annotation.Aspect;
import org.springframework.stereotype.Component;

@Aspect
@Component
public class Timing {
    private static final Logger LOG = Logger.getLogger(Timing.class.getName());
    private long spent;

    @Around("execution(* com.acme.stock.StockService.*(..))")
    public Object time(ProceedingJoinPoint point) throws Throwable {
        long start = System.nanoTime();
        try {
            return point.proceed();
        } finally {
            spent += System.nanoTime() - start;
            LOG.log(Level.FINE, "{0} took {1}", new Object[] {point.getSignature().toShortString(), spent});
        }
    }
}
