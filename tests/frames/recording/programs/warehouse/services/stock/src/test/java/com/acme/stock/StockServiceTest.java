package com.acme.stock;

/** Not run when the service is recorded. */
public class StockServiceTest {}
