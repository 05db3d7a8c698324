namespace OscLooper.Dsp;

/// <summary>[worker] What a sound file holds.</summary>
/// <param name="Frames">Its length; for damaged files what is really there.</param>
/// <param name="Lanes">1 is mono, 2 is stereo.</param>
/// <param name="Rate">Frames per second.</param>
/// <param name="Format">For people: "WAV, 24 bit".</param>
/// <param name="Warning">What was odd about the file and could be tolerated, else empty.</param>
public readonly record struct SoundInfo(long Frames, int Lanes, int Rate, string Format, string Warning = "");

/// <summary>[worker] What can be written.</summary>
public enum SoundFormat
{
    /// <summary>[worker] WAV, 32-bit float: nothing is lost or clipped.</summary>
    WavFloat,

    /// <summary>[worker] WAV, 16-bit; clipped at full scale.</summary>
    Wav16,

    /// <summary>[worker] WAV, 24-bit; clipped at full scale.</summary>
    Wav24,

    /// <summary>[worker] FLAC, 24-bit; clipped at full scale. Needs libsndfile.</summary>
    Flac24,
}
