using OscLooper.Dsp;

namespace OscLooper.Fluid;

/// <summary>[worker] Where SoundFonts lie.</summary>
static class SoundFonts
{
    // Debian's fluid-soundfont-gm, timgm6mb-soundfont and others put them here; default-GM.* is the one that the system prefers.
    static readonly string[] folders = ["/usr/share/sounds/sf2", "/usr/share/sounds/sf3", "/usr/share/soundfonts", "/usr/share/sounds"];
    static readonly string[] names = ["default-GM.sf2", "default-GM.sf3", "default.sf2", "FluidR3_GM.sf2", "FluidR3_GM.sf3", "GeneralUser.sf2", "TimGM6mb.sf2"];

    /// <summary>[worker] The first that there is in the usual places; null when there is none.</summary>
    internal static string? Usual() =>
        (from folder in folders from name in names select Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>[worker] The file of this name (without a path) in the usual places; null when there is none.</summary>
    internal static string? Named(string name) =>
        name.AsSpan().ContainsAny('/', '\\') ? null : folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>[any] Looks like a SoundFont: RIFF of kind sfbk (SoundFont 2.04 technical specification, 4.2).</summary>
    internal static bool IsOne(string file)
    {
        using var opened = Open(file);
        return opened is not null;
    }

    /// <summary>[worker] The same, opened; null when it is none.</summary>
    internal static FileStream? Open(string file)
    {
        FileStream? stream = null;
        try
        {
            stream = RegularFile.OpenRead(file);
            Span<byte> head = stackalloc byte[12];
            if (stream.ReadAtLeast(head, 12, throwOnEndOfStream: false) == 12 && head[..4].SequenceEqual("RIFF"u8) && head[8..].SequenceEqual("sfbk"u8)) return stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        stream?.Dispose();
        return null;
    }
}
