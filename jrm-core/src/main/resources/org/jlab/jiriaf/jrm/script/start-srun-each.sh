for node; do
    srun --nodes=1 --ntasks=1{{options}} sh "./$node.sh" "$copy/vk-cmd" "$end" >"logs/$node.log" 2>&1 &
    started="$started $!"
done
