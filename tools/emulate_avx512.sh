#!/usr/bin/env bash
# Run a Python script on a CPU with AVX-512, which this machine need not have: Linux in the emulator Bochs.
#
#     bash tools/emulate_avx512.sh python script [argument or file ...]
#
# `python` is an interpreter with NumPy and fastact installed. The script runs with FASTACT_ISA=avx512, in a
# folder that holds it and the files among its arguments. What it prints is printed, its exit status handed
# on. The guest takes two minutes to start and runs a hundred times slower than this machine.
# EMULATE_TIMEOUT: seconds to wait for its end, 3600 unless told.
set -eu

[ $# -ge 2 ] || { sed -n '2,9s/^# \?//p' "$0"; exit 2; }
python=$1
script=$2
shift 2

missing=
for package in bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso busybox-static cpio \
    linux-image-cloud-amd64; do # the cloud kernel has its serial console built in and little else to start
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] || { echo "missing; apt-get install --no-install-recommends$missing" >&2; exit 2; }
kernel=$(ls -v /boot/vmlinuz-*-cloud-amd64 | tail -n 1)

scratch=$(mktemp -d)
bochs=
trap '[ -z "$bochs" ] || kill "$bochs" 2>/dev/null || true; rm -rf "$scratch"' EXIT
root=$scratch/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp,work} "$scratch/iso"

# -- the guest's files: Python, NumPy, fastact and the shared libraries they need, each at its own path
facts=$(cd / && "$python" -c '
import os, sys, sysconfig, fastact, numpy
folders = (os.path.dirname(module.__file__) for module in (numpy, fastact))
print(os.path.realpath(sys.executable), sysconfig.get_path("stdlib"), *folders)')
read -r binary library numpy fastact <<<"$facts"
[ -e "$fastact/_kernels/avx512_f32.abi3.so" ] || { echo "$fastact was built without AVX-512" >&2; exit 2; }

# Every byte comes through an emulated CD drive, so what a script is unlikely to import stays out.
unneeded=(--exclude={test,tests,site-packages,idlelib,lib2to3,ensurepip,tkinter,turtledemo,_tkinter.*,pydoc_data}
    --exclude={distutils,f2py,include,'config-*','*.opt-?.pyc','*.pyi','*.a','*.c','*_test*.so'})
for folder in "$library" "$numpy" "$numpy.libs" "$fastact"; do
    [ -d "$folder" ] || continue
    mkdir -p "$root$folder"
    tar -c -C "$folder" "${unneeded[@]}" . | tar -x -C "$root$folder"
done
{
    echo "${binary#/}"
    find "$root" -name '*.so*' -exec ldd "$binary" {} + 2>/dev/null | grep -o '/[^ ]*\.so[^ :]*' |
        grep -v -e /numpy.libs/ -e "^$root" | sort -u | cut -c 2-
} | tar -c -h -C / -T - | tar -x -C "$root"
cp /bin/busybox "$root/bin/"
cp "$script" "$root/work/script.py"
arguments=
for argument; do
    [ ! -f "$argument" ] || { cp "$argument" "$root/work/"; argument=$(basename "$argument"); }
    arguments="$arguments $(printf %q "$argument")"
done

cat >"$root/init" <<END
#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
cd /work
export FASTACT_ISA=avx512 OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export PYTHONPATH=$(dirname "$fastact"):$(dirname "$numpy")
echo @@begin
$binary -S script.py $arguments
echo "@@status \$?"
sleep 1000
END
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$scratch/iso/initrd" # inflating takes longer than reading

# -- the boot image: the kernel and these files, and a loader for them
# clearcpuid: Linux disables AVX altogether when it sees what Bochs says of the sizes of XSAVEC and XSAVES.
# The other options spare the guest probing and timing hardware that is not there.
options="console=ttyS0,115200 quiet clearcpuid=xsavec,xsaves lpj=400000 tsc=reliable clocksource=tsc no_timer_check
    mitigations=off nosmp noapic acpi=off random.trust_cpu=on"
cp "$kernel" "$scratch/iso/linux"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$scratch/iso/"
cat >"$scratch/iso/isolinux.cfg" <<END
default linux
label linux
kernel linux
initrd initrd
append $(echo $options)
END
xorriso -as mkisofs -quiet -o "$scratch/boot.iso" -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 \
    -boot-info-table "$scratch/iso" 2>"$scratch/log" || { cat "$scratch/log" >&2; exit 1; }
rm -rf "$root" "$scratch/iso"

# -- run it
# ips: instructions in a second of the guest's clock; many, as every tick of that clock costs some.
cat >"$scratch/bochsrc" <<END
display_library: term
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
plugin_ctrl: speaker=0
cpu: model=corei7_skylake_x, count=1, ips=100000000
clock: sync=none
memory: guest=1024, host=1024
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=$scratch/boot.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$scratch/serial
log: $scratch/log
panic: action=fatal
error: action=ignore
END
echo continue >"$scratch/rc" # Debian's Bochs starts at the prompt of its debugger; its display wants a terminal
touch "$scratch/serial"
TERM=vt100 timeout "${EMULATE_TIMEOUT:-3600}" \
    script -qec "bochs -q -f $scratch/bochsrc -rc $scratch/rc" /dev/null >"$scratch/screen" 2>&1 </dev/null &
bochs=$!
tail -f -n +1 --pid="$bochs" "$scratch/serial" |
    sed -u 's/\r//g; /Kernel panic/Q; 1,/^@@begin/d; /^@@status/Q'
status=$(sed -n 's/^@@status \([0-9]*\).*/\1/p' "$scratch/serial")
[ -n "$status" ] || { tail -n 20 "$scratch/serial" "$scratch/log" >&2; echo "the guest did not end" >&2; exit 1; }
exit "$status"
