using OscLooper.Dsp;

namespace OscLooper.Looper;

/// <summary>[main] What the looper does where waiting is allowed: channels and scenes are made here, files are read and written.</summary>
sealed class ChannelDesk(LooperModule looper, Desk desk, Rows rows)
{
    /// <summary>[any] Files that may be under way at once.</summary>
    public const int SlotCount = 64;
    const int AheadOfLane = 32;
    /// <summary>[any] Channels that may be made. What was saved with more comes back whole.</summary>
    public const int MostChannels = 1024;

    readonly Dictionary<int, (int Lanes, string Name)> channels = [];
    readonly Stack<int> freeSlots = new(Enumerable.Range(0, SlotCount));

    public Rows Rows => rows;

    /// <summary>[main] How often all rows were replaced.</summary>
    public int Loads { get; private set; }

    /// <summary>[main] A row before the first block; its channel is made by Prepare.</summary>
    public int AddRow(int lanes)
    {
        var row = rows.Add();
        if (row >= 0) channels[row] = (lanes, "");
        KeepMemoryAhead();
        return row;
    }

    // More than a second of recording on every lane; notes take less.
    void KeepMemoryAhead() => looper.KeepAhead(AheadOfLane * channels.Values.Sum(c => c.Lanes == 0 ? LooperModule.DefaultLanes : c.Lanes));

    /// <summary>[main] Lanes of a row; 0 = notes.</summary>
    public int LanesOf(int row) => channels.TryGetValue(row, out var channel) ? channel.Lanes : LooperModule.DefaultLanes;

    /// <summary>[main] Names by row.</summary>
    public IReadOnlyDictionary<int, string> Names => channels.ToDictionary(c => c.Key, c => c.Value.Name);

    /// <summary>[main] From now on there are exactly these rows.</summary>
    public void Become(IReadOnlyList<(int Row, int Lanes, string Name)> wanted)
    {
        Loads++;
        var rowsWanted = wanted.Select(w => w.Row).ToHashSet();
        foreach (var row in channels.Keys.Where(r => !rowsWanted.Contains(r)).ToArray())
        {
            rows.Remove(row);
            channels.Remove(row);
        }
        foreach (var (row, lanes, name) in wanted)
            if (rows.Restore(row)) channels[row] = (lanes, name);
        KeepMemoryAhead();
    }

    public void AddChannel(JobCall call)
    {
        var lanes = call.Number(0) == 1 ? 0 : (int)call.Number(1);
        if (channels.Count >= MostChannels)
        {
            call.Fail(Reason.Refused, $"there are {channels.Count} channels; {MostChannels} is the most");
            return;
        }
        var row = AddRow(lanes);
        if (row < 0)
        {
            call.Fail(Reason.Refused, $"{Rows.MaxRows} channels have been made since the server started; no number is left");
            return;
        }
        if (lanes == 0) looper.PublishNotePorts(row);
        var fresh = looper.NewChannel(row, lanes);
        if (!looper.FreshChannels.Offer(fresh))
        {
            fresh.Dispose();
            Forget(row);
            call.Fail(Reason.Busy, "earlier channels still wait for the audio side");
            return;
        }
        call.Ask(row, Loads, answer => call.Done((int)answer.B), () => Forget(row));
    }

    void Forget(int row)
    {
        rows.Remove(row);
        channels.Remove(row);
        KeepMemoryAhead();
    }

    public void List(JobCall call)
    {
        foreach (var (row, (lanes, name)) in channels.OrderBy(c => c.Key)) call.Reply(".item", row + 1, lanes == 0 ? "midi" : "audio", lanes, name);
        call.Done(channels.Count);
    }

    public void Remove(JobCall call)
    {
        var loads = Loads;
        call.Ask(0, loads, _ =>
        {
            // What was loaded meanwhile has a channel of that number again.
            if (loads == Loads) Forget(call.Row);
            call.Done(call.Row + 1);
        });
    }

    public bool SetName(SettingChange change)
    {
        if (channels.TryGetValue(change.Row, out var channel)) channels[change.Row] = channel with { Name = change.Text };
        return true;
    }

    public void AddScene(JobCall call)
    {
        // One that was refused leaves its scene for the next.
        looper.FreshScenes.Offer(new Scene());
        call.Ask(answer =>
        {
            if (answer.B < 0) call.Fail(Reason.Busy, "earlier scenes still wait for the audio side");
            else if (answer.B == 0) call.Fail(Reason.Refused, $"the channel has {ChannelLeaves.MostScenes} scenes; that is the most");
            else call.Done((int)answer.B);
        });
    }

    public void RemoveScene(JobCall call) => call.Ask(answer =>
    {
        if (answer.B == 0) call.Fail(Reason.Refused, "the last scene stays");
        else call.Done((int)answer.B);
    });

    public bool SetInput(SettingChange change) => LanesOf(change.Row) == 0 ? SetNotePort(change, NotePortName.In) : SetPort(change, "audio:in", looper.InputLanes);

    public bool SetOutput(SettingChange change) => LanesOf(change.Row) == 0 ? SetNotePort(change, NotePortName.Out) : SetPort(change, "audio:out", looper.OutputLanes);

    static bool SetNotePort(SettingChange change, string port)
    {
        if (NotePortName.TryParse(change.Text, port, out var first, out var second, out var why))
        {
            change.Tell(first, second);
            return true;
        }
        change.Refuse(Reason.NotFound, why);
        return false;
    }

    static bool SetPort(SettingChange change, string port, int lanes)
    {
        if (PortName.TryParse(change.Text, port, lanes, out var first, out var second, out var why))
        {
            change.Tell(first, second);
            return true;
        }
        change.Refuse(Reason.NotFound, why);
        return false;
    }

    public void Load(JobCall call)
    {
        if (desk.Resolve(call.Text(0), forWriting: false, out var why) is not { } path)
        {
            call.Fail(Reason.Refused, why);
            return;
        }
        if (!TakeSlot(call, out var slot)) return;
        var (lanes, framesPerBeat) = (channels[call.Row].Lanes, looper.Transport.FramesPerBeat);
        string? trouble = null;
        var isThere = true;
        // Until the worker has come back, what it writes into stays where it is.
        looper.Pool.Pin();
        call.OnWorker(() =>
        {
            try
            {
                looper.Slots[slot] = lanes == 0
                    ? NoteFile.Load(path, looper.Pool, looper.Format.Rate, framesPerBeat)
                    : LoopFile.Load(path, looper.Pool, lanes, looper.Format.Rate, new Reporter(desk, call));
            }
            catch (Exception e) when (e is SoundFileException or MidiFileException or IOException or UnauthorizedAccessException)
            {
                (trouble, isThere) = (e.Message, Path.Exists(path));
            }
            finally
            {
                looper.Pool.Unpin();
            }
        }, () =>
        {
            if (trouble != null)
            {
                freeSlots.Push(slot);
                call.Fail(isThere ? Reason.Failed : Reason.NotFound, trouble);
                return;
            }
            var frames = looper.Slots[slot].Frames;
            call.Ask(slot, 0, _ =>
            {
                freeSlots.Push(slot);
                call.Done(call.Text(0), frames);
            }, () => freeSlots.Push(slot));
        });
    }

    public void Save(JobCall call)
    {
        if (desk.Resolve(call.Text(0), forWriting: true, out var why) is not { } path)
        {
            call.Fail(Reason.Refused, why);
            return;
        }
        if (LanesOf(call.Row) == 0)
        {
            WithTape(call, tape => NoteFile.Save(path, tape, looper.Format.Rate, looper.Transport), tape => call.Done(call.Text(0), tape.Frames));
            return;
        }
        var format = call.Count > 1 ? (call.Number(1) == 1 ? SoundFormat.Flac24 : SoundFormat.WavFloat) : LoopFile.FormatOf(path);
        WithTape(call, tape => LoopFile.Save(path, tape, format, looper.Format.Rate, new Reporter(desk, call)), tape => call.Done(call.Text(0), tape.Frames));
    }

    /// <summary>[main] Everything into a folder, which is there when all of it is.</summary>
    public void SaveAll(JobCall call)
    {
        if (desk.Resolve(call.Text(0), forWriting: true, out var why) is not { } path)
        {
            call.Fail(Reason.Refused, why);
            return;
        }
        string? trouble = null;
        call.OnWorker(() =>
        {
            var part = $"{path.TrimEnd(Path.DirectorySeparatorChar)}.{Guid.NewGuid():N}.part";
            try
            {
                if (Path.Exists(path)) throw new IOException($"{call.Text(0)} is there already");
                looper.SaveCopy(Directory.CreateDirectory(part));
                // The vault's files are for their owner alone; what is given away follows the umask.
                Disk.Unshare(part, Path.Combine(part, LooperWriter.Name));
                Directory.Move(part, path);
            }
            catch (Exception e) when (e is SoundFileException or IOException or UnauthorizedAccessException or TimeoutException)
            {
                trouble = e.Message;
                if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
            }
        }, () =>
        {
            if (trouble is null) call.Done(call.Text(0));
            else call.Fail(Reason.Failed, trouble);
        });
    }

    public void Peaks(JobCall call)
    {
        byte[] peaks = [];
        WithTape(call, tape => peaks = tape.Lanes == 0 ? NoteFile.Peaks(tape, (int)call.Number(0)) : LoopFile.Peaks(tape, (int)call.Number(0)), _ => call.Done(peaks));
    }

    // Asks the audio side which tape the active scene holds, and works on it while nothing can be freed.
    void WithTape(JobCall call, Action<Tape> work, Action<Tape> done)
    {
        if (!TakeSlot(call, out var slot)) return;
        looper.Pool.Pin();
        call.Ask(slot, 0, answer =>
        {
            var tape = looper.Slots[slot];
            freeSlots.Push(slot);
            if (answer.B == 0)
            {
                looper.Pool.Unpin();
                call.Fail(Reason.NotFound, "the scene holds no loop");
                return;
            }
            string? trouble = null;
            call.OnWorker(() =>
            {
                try
                {
                    work(tape);
                }
                catch (Exception e) when (e is SoundFileException or MidiFileException or IOException or UnauthorizedAccessException)
                {
                    trouble = e.Message;
                }
                finally
                {
                    looper.Pool.Unpin();
                }
            }, () =>
            {
                if (trouble is null) done(tape);
                else call.Fail(Reason.Failed, trouble);
            });
        }, () =>
        {
            freeSlots.Push(slot);
            looper.Pool.Unpin();
        });
    }

    bool TakeSlot(JobCall call, out int slot)
    {
        if (freeSlots.TryPop(out slot)) return true;
        call.Fail(Reason.Busy, $"{SlotCount} files are under way");
        return false;
    }

    sealed class Reporter(Desk desk, JobCall call) : IProgress<double>
    {
        public void Report(double value) => desk.Post(() => call.Progress(value));
    }
}
