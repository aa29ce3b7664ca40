for node; do
    sh "./$node.sh" "$copy/vk-cmd" "$end" >"logs/$node.log" 2>&1 &
    started="$started $!"
done
