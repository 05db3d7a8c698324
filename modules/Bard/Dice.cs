using System.Numerics;

namespace OscLooper.Bard;

/// <summary>[any] xoshiro256** by Blackman and Vigna (public domain), seeded by splitmix64: the same seed gives the same draws everywhere.</summary>
struct Dice
{
    ulong a, b, c, d;

    internal Dice(long seed)
    {
        var x = (ulong)seed;
        a = Split(ref x);
        b = Split(ref x);
        c = Split(ref x);
        d = Split(ref x);
    }

    static ulong Split(ref ulong x)
    {
        var z = x += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    internal ulong Next()
    {
        var result = BitOperations.RotateLeft(b * 5, 7) * 9;
        var t = b << 17;
        c ^= a;
        d ^= b;
        b ^= c;
        a ^= d;
        c ^= t;
        d = BitOperations.RotateLeft(d, 45);
        return result;
    }

    /// <summary>[any] 0 to below 1.</summary>
    internal double Fraction() => (Next() >> 11) * (1.0 / (1ul << 53));

    /// <summary>[any] 0 to below the count.</summary>
    internal int Below(int count) => (int)(Fraction() * count);
}
