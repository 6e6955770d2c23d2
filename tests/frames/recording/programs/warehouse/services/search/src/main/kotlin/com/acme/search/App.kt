package com.acme.search

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking

fun main(arguments: Array<String>) {
    val end = System.nanoTime() + (arguments[0].toDouble() * 1e9).toLong()
    val index = Index.build(words(4000))
    while (System.nanoTime() < end) {
        rank(index, listOf("tea", "cup", "kettle"))
        together(index)
        Tokens.count("tea and coffee and cups".repeat(200))
    }
}

private fun words(count: Int): Sequence<String> = sequence {
    for (i in 0 until count) yield("word${(i * 7919) % 1009}")
}

fun rank(index: Index, queries: List<String>): Map<String, Double> =
    queries.flatMap { query -> index.near(query) }
        .groupBy { it.word }
        .mapValues { (_, hits) -> hits.sumOf { hit -> hit.score.slowly() } }

/** An extension of a class that is not ours. */
fun Double.slowly(): Double {
    var out = this
    repeat(2000) { out = out * 1.0000001 + it % 3 }
    return out
}

fun together(index: Index): List<Hit> = runBlocking {
    listOf("a", "b", "c").map { async { index.near(it) } }.awaitAll().flatten()
}
