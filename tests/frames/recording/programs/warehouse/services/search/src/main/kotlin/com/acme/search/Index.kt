package com.acme.search

import com.acme.units.Weight

class Index private constructor(private val words: List<String>) {
    private val cache by lazy { words.associateWith { Weight.of(it.length.toLong(), Weight.Unit.GRAM) } }

    fun near(query: String): List<Hit> {
        val distance = object : Comparator<Hit> {
            override fun compare(one: Hit, other: Hit): Int = one.score.compareTo(other.score)
        }
        return words.map { Hit(it, similarity(it, query)) }.sortedWith(distance).take(cache.size % 20 + 5)
    }

    companion object {
        fun build(words: Sequence<String>): Index = Index(words.distinct().sorted().toList())

        private fun similarity(one: String, other: String): Double {
            var same = 0
            for (a in one) for (b in other) if (a == b) same++
            return same.toDouble() / (one.length * other.length)
        }
    }
}
