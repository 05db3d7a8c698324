using System.Globalization;
using System.Text.Json;
using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[worker] Reads the folder that <see cref="LooperWriter"/> wrote. What is damaged in it costs that layer only; nothing in it is believed unchecked.</summary>
sealed class LooperReader(LooperModule looper, Action<string> complain, Action<string> miss, string? takesFolder)
{
    // 1,024 channels of 64 scenes, each with all its layers, are about half of that.
    const int LongestText = 1 << 30;
    readonly Dictionary<long, string> files = [];
    readonly List<Tape> made = [];
    readonly Recovery recovery = new(looper.Pool, looper.Format.Rate, complain);
    IReadOnlyList<TakeFiles.Found> takes = [];
    string folder = "";
    double stretch = 1;

    public LoadedLooper Read(string from)
    {
        folder = from;
        var file = new FileInfo(Path.Combine(folder, LooperWriter.Name));
        if (file.Length > LongestText) throw new InvalidDataException($"{file.Name} is too long to be true");
        using var json = Parse(RegularFile.ReadAllBytes(file.FullName));
        var root = json.RootElement;
        if (root.ValueKind != JsonValueKind.Object || Whole(root, "format", 0, int.MaxValue, 0) != LooperWriter.Format) throw new InvalidDataException($"{file.Name} is of another kind");
        stretch = looper.Format.Rate / (double)Whole(root, "rate", 8000, 384000, looper.Format.Rate);
        if (stretch == 1) takes = TakeFiles.Of(takesFolder, Text(root, "run") ?? "");
        var channels = new List<ChannelSnapshot>();
        var names = new Dictionary<int, string>();
        try
        {
            var scenes = new List<(JsonElement From, ChannelSnapshot Channel, SceneSnapshot To)>();
            foreach (var one in Items(root, "channels"))
                if (Channel(one) is { } channel && !channels.Exists(c => c.Row == channel.Row))
                {
                    channels.Add(channel);
                    names[channel.Row] = Text(one, "name") ?? "";
                    scenes.AddRange(Items(one, "scenes").Zip(channel.Scenes, (from, to) => (from, channel, to)));
                }
            // One scene's layers are read in order, since each may share with the one before; scenes side by side.
            Parallel.ForEach(scenes, new ParallelOptions { MaxDegreeOfParallelism = Math.Clamp(Environment.ProcessorCount, 2, 8) }, scene => Scene(scene.From, scene.Channel, scene.To));
            recovery.TakeUp(takes, (long)Number(root, "lastTape", 0, 1L << 53, 1L << 53), channels, Added);
        }
        catch
        {
            FreeAll();
            throw;
        }
        return new LoadedLooper
        {
            Beat = Number(root, "beat", -1e12, 1e12, 0),
            Channels = [.. channels],
            Made = [.. channels.Select(Make)],
            Names = names,
            Files = stretch == 1 ? files : new Dictionary<long, string>(),
        };
    }

    /// <summary>[worker] Which run wrote a folder; null when that cannot be read.</summary>
    public static string? RunOf(string folder)
    {
        try
        {
            // It stands before the channels.
            Span<byte> begin = stackalloc byte[512];
            using var file = RegularFile.OpenHandle(Path.Combine(folder, LooperWriter.Name));
            var json = new Utf8JsonReader(begin[..RandomAccess.Read(file, begin, 0)], isFinalBlock: false, default);
            while (json.Read())
                if (json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("run"u8)) return json.Read() && json.TokenType == JsonTokenType.String ? json.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // Nobody can take it up then, either.
        }
        return null;
    }

    /// <summary>[worker] Empty channels, as many as at the first start.</summary>
    public LoadedLooper Nothing(int count, IReadOnlyList<TakeFiles.Found> takesOfOthers)
    {
        var channels = Enumerable.Range(0, count).Select(row =>
        {
            using var one = JsonDocument.Parse($"{{\"number\":{row + 1}}}");
            return Channel(one.RootElement)!;
        }).ToList();
        recovery.TakeUp(takesOfOthers, 0, channels, Added);
        return new LoadedLooper { Channels = [.. channels], Made = [.. channels.Select(Make)], Names = new Dictionary<int, string>(), Files = files };
    }

    ChannelSnapshot? Added(TakeFiles.Found file)
    {
        using var one = JsonDocument.Parse(string.Create(CultureInfo.InvariantCulture, $"{{\"number\":{file.Row + 1},\"lanes\":{(file.IsOfNotes ? 0 : LooperModule.DefaultLanes)}}}"));
        return Channel(one.RootElement);
    }

    Channel Make(ChannelSnapshot from)
    {
        var channel = looper.NewChannel(from.Row, from.Lanes);
        channel.Remember(from);
        return channel;
    }

    ChannelSnapshot? Channel(JsonElement from)
    {
        var number = from.ValueKind == JsonValueKind.Object ? Whole(from, "number", 1, Rows.MaxRows, 0) : 0;
        if (number == 0) return null;
        var scenes = Math.Clamp(Items(from, "scenes").Count(), 1, ChannelLeaves.MostScenes);
        var lanes = Whole(from, "lanes", 0, LooperModule.MostLanes, LooperModule.DefaultLanes);
        var channel = new ChannelSnapshot
        {
            Row = number - 1, Lanes = lanes, SceneCount = scenes, Active = Whole(from, "scene", 1, scenes, 1) - 1,
            Volume = Number(from, "volume", 0, 4, 1), Pan = Number(from, "pan", -1, 1, 0), IsMute = IsTrue(from, "mute"), IsSolo = IsTrue(from, "solo"),
            Feedback = Number(from, "feedback", 0, 1, 1), Rate = Number(from, "rate", -4, 4, 1), Monitor = (int)Words.To<Monitor>(Text(from, "monitor")),
            Quantize = (int)Words.To<Quantize>(Text(from, "quantize")), Sync = (int)Words.To<SyncSource>(Text(from, "sync") ?? "transport"), SyncChannel = Whole(from, "syncChannel", 0, Rows.MaxRows, 0),
            Input = lanes == 0 ? NotePort(from, "input", NotePortName.In) : Port(from, "input", "audio:in", looper.InputLanes),
            Output = lanes == 0 ? NotePort(from, "output", NotePortName.Out) : Port(from, "output", "audio:out", looper.OutputLanes),
        };
        channel.Scenes = [.. Enumerable.Range(0, scenes).Select(_ => new SceneSnapshot())];
        return channel;
    }

    (int, int) Port(JsonElement from, string key, string port, int lanes)
    {
        if (PortName.TryParse(Text(from, key) ?? port, port, lanes, out var first, out var second, out var why)) return (first, second);
        complain(why);
        return (Looper.Channel.AllLanes, -1);
    }

    (int, int) NotePort(JsonElement from, string key, string port)
    {
        if (Text(from, key) is not { } name) return (0, -1);
        if (NotePortName.TryParse(name, port, out var first, out var second, out var why)) return (first, second);
        complain(why);
        return (0, -1);
    }

    void Scene(JsonElement from, ChannelSnapshot channel, SceneSnapshot to)
    {
        if (from.ValueKind != JsonValueKind.Object) return;
        Tape below = default;
        if (Items(from, "undo").Any() || Items(from, "redo").Any()) to.MakeRoom();
        foreach (var layer in Items(from, "undo").TakeLast(LayerStack.Most))
            if (Layer(layer, channel, ref below) is { IsEmpty: false } read) to.Undo[to.UndoCount++] = read;
        to.Now = from.TryGetProperty("loop", out var loop) ? Layer(loop, channel, ref below) : default;
        // What sounded is gone: the layer below is the best there is.
        if (to.Now.IsEmpty && loop.ValueKind == JsonValueKind.Object && loop.TryGetProperty("file", out _) && to.UndoCount > 0)
        {
            to.Now = to.Undo[--to.UndoCount];
            miss($"channel {channel.Row + 1}: the layer before it sounds instead");
        }
        var redo = Items(from, "redo").Take(LayerStack.Most).Select(layer => Layer(layer, channel, ref below)).ToArray();
        for (var n = redo.Length - 1; n >= 0; n--) to.Redo[to.RedoCount++] = redo[n];

        to.State = Words.To<LoopState>(Text(from, "state"));
        to.RestPosition = 0;
        if (from.TryGetProperty("take", out var take)) TakeUp(take, channel, to);
        else if (to.Now.IsEmpty) to.State = LoopState.Idle;
        else if (to.State == LoopState.Paused) to.RestPosition = Number(from, "position", 0, 1e15, 0) * stretch % to.Now.Phase.Period;
        else to.State = LoopState.Looping;
    }

    // A take that nobody could close: it is kept, and waits at its beginning.
    void TakeUp(JsonElement from, ChannelSnapshot channel, SceneSnapshot to)
    {
        Tape nothing = default;
        // Its own file, where there is one, has grown on since; what was saved of it may be a copy of its beginning.
        var id = (long)Number(from, "tape", 0, 1L << 53, 0);
        var layer = Layer(from, channel, ref nothing, takes.FirstOrDefault(t => t.IsTake && t.Tape == id).Path, isTake: true);
        to.Now = layer;
        to.State = layer.IsEmpty ? LoopState.Idle : LoopState.Paused;
    }

    Layer Layer(JsonElement from, ChannelSnapshot channel, ref Tape below, string? rather = null, bool isTake = false)
    {
        if (from.ValueKind != JsonValueKind.Object || Text(from, "file") is not { } file) return default;
        Tape tape;
        try
        {
            if (file.Split('/').Any(part => part is "" or "." or "..") || Path.IsPathRooted(file) || file.Contains('\\')) throw new SoundFileException($"{file} is not in the folder");
            // Notes under way have a file that is whole each time it is written.
            if (channel.Lanes == 0 && PassOf(from) >= 0) rather ??= takes.FirstOrDefault(t => t is { IsTake: false, IsOfNotes: true } && t.Tape == (long)Number(from, "tape", 0, 1L << 53, 0)).Path;
            var path = rather ?? Path.Combine(folder, file);
            tape = LayerFile.Read(path, looper.Pool, channel.Lanes, looper.Format.Rate, IsTrue(from, "onTopOfTheOneBefore") ? below : default, mayBeCut: isTake || rather is not null,
                (long)Number(from, "frames", 0, 1L << 53, 0));
            // What was under way lies in a file that nobody closed, or lacks what came after it: the next save writes it anew.
            var isUnderWay = isTake || rather is not null || PassOf(from) >= 0;
            lock (made)
            {
                made.Add(tape);
                if (!isUnderWay && !TakeFiles.IsNotes(path)) files[tape.Id] = path;
            }
        }
        catch (Exception e) when (e is SoundFileException or IOException or UnauthorizedAccessException)
        {
            if (e.Message.Contains("--memory")) throw;
            miss($"channel {channel.Row + 1}: {e.Message} ({file}); the layer is left out");
            return default;
        }
        if (tape.IsEmpty) return default;
        var period = Number(from, "period", 0, 1e15, 0) * stretch;
        if (Math.Abs(period - tape.Frames) < 1 && period >= 1) tape.Period = period;
        below = tape;
        var rate = Number(from, "rate", -4, 4, 1);
        var saved = (long)Number(from, "tape", 0, 1L << 53, 0);
        // A pass that was under way: what came to the disk after the save.
        if (PassOf(from) is var after and >= 0 && takes.FirstOrDefault(t => t.Tape == saved && !t.IsTake) is { Path: { } pass, IsOfNotes: false }
            && PassFile.Head(pass) is { } head && head.Lanes == tape.Lanes && head.Frames == tape.Frames)
            PassFile.Replay(pass, after, looper.Pool, tape);
        var layer = new Layer { Tape = tape, Phase = Phase.At(0, Number(from, "position", 0, 1e15, 0) * stretch % tape.Period, rate, Math.Max(1, tape.Period)) };
        lock (made) recovery.BySavedId[saved] = layer;
        return layer;
    }

    // Up to where a pass that was under way is in the layer's own file; -1 = there was none. (Earlier programs counted bytes, and so did their files.)
    static long PassOf(JsonElement from) => (long)Math.Max(Number(from, "passRecords", 0, 1L << 53, -1), Number(from, "passBytes", 0, 1L << 53, -1));

    void FreeAll()
    {
        // The youngest first: each may share with one that was made before it.
        for (var i = made.Count - 1; i >= 0; i--) looper.Pool.FreeOnWorker(made[i].Root, made[i].Below);
    }

    static JsonDocument Parse(byte[] bytes)
    {
        // Some editors put a mark before a text.
        var text = bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes.AsMemory(3) : bytes;
        try { return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 }); }
        catch (JsonException e) { throw new InvalidDataException($"{LooperWriter.Name}: {e.Message}"); }
    }

    static IEnumerable<JsonElement> Items(JsonElement from, string key) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(key, out var array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : [];

    static string? Text(JsonElement from, string key) => from.TryGetProperty(key, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    static bool IsTrue(JsonElement from, string key) => from.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;

    static double Number(JsonElement from, string key, double low, double high, double otherwise) =>
        from.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? Math.Clamp(number, low, high) : otherwise;

    static int Whole(JsonElement from, string key, int low, int high, int otherwise) =>
        from.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= low && number <= high ? number : otherwise;
}
