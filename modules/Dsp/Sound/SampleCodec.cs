using System.Buffers.Binary;

namespace OscLooper.Dsp;

/// <summary>How a sample lies in a WAV file.</summary>
enum SampleKind { Unsigned8, Pcm16, Pcm24, Pcm32, Float32, Float64 }

/// <summary>[worker] Samples to bytes and back. Full scale of n bits is 2^(n-1), so integers come back as they were.</summary>
static class SampleCodec
{
    internal static int Bytes(SampleKind kind) => kind switch
    {
        SampleKind.Unsigned8 => 1,
        SampleKind.Pcm16 => 2,
        SampleKind.Pcm24 => 3,
        SampleKind.Float64 => 8,
        _ => 4,
    };

    internal static void Decode(SampleKind kind, ReadOnlySpan<byte> bytes, Span<float> samples)
    {
        switch (kind)
        {
            case SampleKind.Unsigned8:
                for (var i = 0; i < samples.Length; i++) samples[i] = (bytes[i] - 128) / 128f;
                break;
            case SampleKind.Pcm16:
                for (var i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(2 * i)..]) / 32768f;
                break;
            case SampleKind.Pcm24:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = (bytes[3 * i] | bytes[3 * i + 1] << 8 | (sbyte)bytes[3 * i + 2] << 16) / 8388608f;
                break;
            case SampleKind.Pcm32:
                for (var i = 0; i < samples.Length; i++)
                    samples[i] = (float)(BinaryPrimitives.ReadInt32LittleEndian(bytes[(4 * i)..]) / 2147483648.0);
                break;
            case SampleKind.Float32:
                for (var i = 0; i < samples.Length; i++) samples[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]);
                Tame(samples);
                break;
            case SampleKind.Float64:
                for (var i = 0; i < samples.Length; i++) samples[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]);
                Tame(samples);
                break;
        }
    }

    internal static void Encode(SampleKind kind, ReadOnlySpan<float> samples, Span<byte> bytes)
    {
        switch (kind)
        {
            case SampleKind.Pcm16:
                for (var i = 0; i < samples.Length; i++)
                    BinaryPrimitives.WriteInt16LittleEndian(bytes[(2 * i)..], (short)Whole(samples[i], 32768));
                break;
            case SampleKind.Pcm24:
                for (var i = 0; i < samples.Length; i++)
                {
                    var whole = Whole(samples[i], 8388608);
                    (bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]) = ((byte)whole, (byte)(whole >> 8), (byte)(whole >> 16));
                }
                break;
            default:
                for (var i = 0; i < samples.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes[(4 * i)..], samples[i]);
                break;
        }
    }

    /// <summary>One infinity or not-a-number in a loop would poison every mix it takes part in.</summary>
    internal static void Tame(Span<float> samples) => Samples.Clean(samples);

    static int Whole(float sample, double scale) =>
        float.IsNaN(sample) ? 0 : (int)Math.Clamp(Math.Round(sample * scale), -scale, scale - 1);
}
