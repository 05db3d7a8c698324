namespace OscLooper;

/// <summary>[any] What the command line tells every module before it is constructed (Branch.Settings).</summary>
/// <param name="Channels">Looper channels at start (<c>--channels</c>).</param>
/// <param name="MemoryBytes">Memory for recorded audio (<c>--memory</c>).</param>
/// <param name="ShowProgress">Long work may show progress.</param>
/// <param name="SoundFont">The SoundFont for whoever plays one (<c>--soundfont</c>); empty = the usual places.</param>
/// <param name="SessionsFolder">Where saved sessions lie, a folder each; empty = nowhere.</param>
public readonly record struct ModuleSettings(int Channels, long MemoryBytes, bool ShowProgress, string? SoundFont = null, string SessionsFolder = "");
