package com.acme.search

/** A class of a file with another name. */
data class Hit(val word: String, val score: Double)
